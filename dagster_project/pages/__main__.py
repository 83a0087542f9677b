"""``make docs``: write the static pages of the home and say where they are."""

import sys

from dagster_project.errors import CchcError
from dagster_project.settings import Settings


def main() -> int:
    """Write the pages; returns the exit code (errors of the user are one line)."""
    from dagster_project.pages.site import write_site

    try:
        for path in write_site(Settings()):
            print(path)
    except CchcError as error:
        print(f"cchc: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
