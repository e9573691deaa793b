"""Results, as Markdown."""


def show(title: str, head: list[str], rows: list[list[str]]) -> None:
    """The first column to the left, figures to the right; wide enough to be read without a browser too."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells: list[str]) -> str:
        first, *others = zip(cells, widths)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print(f"\n### {title}\n\n{line(head)}\n{line(rule)}\n" + "\n".join(map(line, rows)), flush=True)
