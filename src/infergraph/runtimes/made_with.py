"""Which scikit-learn a saved model was made with, and whether that is the one installed here."""

from dataclasses import dataclass

from infergraph.runtimes.inspection.report import pip_install
from infergraph.runtimes.inspection.requirement import newest_python, requirements


@dataclass(frozen=True, slots=True)
class MadeWith:
    """The version of a package that a file was made with, and the one that is here."""

    file: str
    version: str
    installed: str
    package: str = "scikit-learn"

    def __str__(self) -> str:
        python = newest_python(self.package, self.version)
        how = f", on Python {python} or older" if python else " or use infergraph run --fix"
        return (
            f"{self.file} was made with {self.package} {self.version}, and {self.installed} is installed here; "
            f"install the same one{how}: {pip_install(self.needed)}"
        )

    @property
    def needed(self) -> tuple[str, ...]:
        """What pip has to install."""
        return requirements(self.package, self.version)
