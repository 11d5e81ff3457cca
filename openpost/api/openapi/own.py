"""What the description says of itself."""

from . import shapes
from .calls import Answer, Call, Description, Section
from .views import OpenApiViewSet

DESCRIPTION = Description(
    sections=[
        Section(
            "Description",
            "",
            {
                OpenApiViewSet: {
                    "retrieve": Call(
                        name="getDescription",
                        summary="Get this description",
                        description="OpenAPI 3.1, the same for everybody.",
                        headers=["If-None-Match", "If-Match"],
                        public=True,
                        answers={
                            200: Answer(
                                "The description.",
                                shapes.mapping(),
                                headers=["ETag", "Cache-Control"],
                            ),
                            304: Answer("It is as you know it.", headers=["ETag", "Cache-Control"]),
                        },
                    )
                }
            },
        )
    ]
)
