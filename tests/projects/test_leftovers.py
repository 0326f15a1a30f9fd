"""A worker that was killed leaves folders behind, and the next one clears them away."""

import os
import time

from projects.leftovers import AGE, clear_leftovers


def test_old_folders_of_ours_are_removed_and_no_others(settings, tmp_path):
    settings.COUNTING_DIR = str(tmp_path)
    for name in ("mooring-count-old", "mooring-git-old", "mooring-git-new", "somebody-elses"):
        (tmp_path / name / "inside").mkdir(parents=True)
        long_ago = time.time() - AGE - 60
        if not name.endswith("new"):
            os.utime(tmp_path / name, (long_ago, long_ago))

    assert clear_leftovers() >= 2

    assert {folder.name for folder in tmp_path.iterdir()} == {"mooring-git-new", "somebody-elses"}
