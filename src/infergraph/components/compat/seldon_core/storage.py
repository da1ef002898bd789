"""Model files by their URI."""

import shutil
from pathlib import Path

from infergraph.artifacts.locate import locate


class Storage:
    """Where prepackaged servers and many classes get their model from."""

    @staticmethod
    def download(uri: str, out_dir: str | None = None) -> str:
        """The path of the files of a local ``uri``, copied into ``out_dir`` where one is given.

        :raises ArtifactError: when there are none, or the URI is not a local one.
        """
        found = locate(uri, folder=Path.cwd(), artifacts={})
        if out_dir is None:
            return str(found)
        if found.is_dir():
            shutil.copytree(found, out_dir, dirs_exist_ok=True)
        else:
            Path(out_dir).mkdir(parents=True, exist_ok=True)
            shutil.copy(found, out_dir)
        return out_dir
