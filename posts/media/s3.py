"""Files on S3, in little memory. Loaded when the first file is kept or read, and only where S3 is used."""

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage


class S3(S3Storage):  # type: ignore[misc]  # the library has no types
    """One part of a file in memory at a time, and not ten; what is read waits on the disk. Nobody waits for ever."""

    client_config: Any

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        patience = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
        self.client_config = self.client_config.merge(patience)

    def get_default_settings(self) -> Any:
        return super().get_default_settings() | {
            "location": "media",
            "signature_version": "s3v4",
            "max_memory_size": 1024 * 1024,
            "transfer_config": TransferConfig(use_threads=False),
        }
