"""What goes wrong with the embedded servers."""

TAIL_LINES = 15


class EmbeddedError(Exception):
    """An embedded server cannot run here. Its text is a sentence, with the log's end if there is one."""

    def __init__(self, sentence: str, log: str = "") -> None:
        tail = "\n".join(log.strip().splitlines()[-TAIL_LINES:])
        super().__init__(f"{sentence}\n{tail}" if tail else sentence)
