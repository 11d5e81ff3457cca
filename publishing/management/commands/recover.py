from typing import Any

from django.core.management.base import BaseCommand

from openpost import clock
from posts import lifecycle
from posts.hints import MOST
from posts.models import PostTarget
from publishing.publish import publish


class Command(BaseCommand):
    help = (
        "Finish by hand what workers left behind: leases that lapsed, messages that nobody took, unknown outcomes "
        "whose next look has come. Done in this process, without the broker; the platform is asked before anything is "
        "sent again."
    )

    def handle(self, **options: Any) -> None:
        left = lifecycle.hand_off(now=clock.now(), most=MOST, left_behind=True)
        for one in left:
            publish(target_id=one.target_id, token=one.token)
            target = PostTarget.objects.select_related("integration").filter(id=one.target_id).first()
            if target:
                self.stdout.write(f"{target.id} {target}: {target.platform_post_url or target.error_message}")
        self.stdout.write(f"Taken up: {len(left)}.")
