"""One tree of exceptions; each says what broke, what was found and what to do.

```
RegularsError            exit 1
├── InputError           exit 3   something given cannot be read as it stands
│   ├── FileError                 missing, empty, a directory, no permission, unreadable
│   ├── ColumnError               a needed column is absent or two columns claim one field
│   ├── FormatError               dates, amounts or delimiters that cannot be told apart
│   ├── CurrencyError             two currencies and no rates
│   ├── PeriodError               "39 weeks" is no period; "39w" is
│   └── ModelError                no such model, or a model file that is not ours
├── DataError            exit 4   read well, but not enough in it for what was asked
├── FitError             exit 5   no trustworthy maximum
└── OutputError          exit 6   the result could not be written; nothing half-written is left
```
"""


class RegularsError(Exception):
    """Root of every error this package raises on purpose.

    `message` says what broke and what was found, `fix` what to do about it.
    """

    exit_code = 1

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(f"{message} {fix}".strip())
        self.message = message
        self.fix = fix


class InputError(RegularsError, ValueError):
    """Something given cannot be read as it stands."""

    exit_code = 3


class FileError(InputError):
    """A file is missing, empty, a directory, unreadable or of an unknown kind."""


class ColumnError(InputError):
    """A needed column is absent, or two columns claim the same field."""


class FormatError(InputError):
    """Dates, amounts or delimiters that cannot be told apart."""


class CurrencyError(InputError):
    """Amounts in several currencies and no rates to join them."""


class PeriodError(InputError):
    """A period or rate that is not written as one."""


class ModelError(InputError):
    """No such model, or a model file that is not one of ours."""


class DataError(RegularsError):
    """The input was read well, but holds too little for what was asked."""

    exit_code = 4


class FitError(RegularsError):
    """The likelihood has no trustworthy maximum."""

    exit_code = 5


class OutputError(RegularsError):
    """The result could not be written; what stood there before is untouched."""

    exit_code = 6
