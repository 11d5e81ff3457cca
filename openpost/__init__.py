from .seeing.switch import spare_opentelemetry

spare_opentelemetry()
