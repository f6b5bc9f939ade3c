"""Files found, copied, packed and unpacked."""

import tempfile
from pathlib import Path

from prefect import Flow, task
from prefect.tasks.files import Copy, Glob, Unzip, Zip

with tempfile.TemporaryDirectory() as directory:
    place = Path(directory)
    (place / "notes").mkdir()
    for name in ("one.txt", "two.txt", "picture.png"):
        (place / "notes" / name).write_text(name)
    (place / "texts").mkdir()

    @task
    def total_size(files: list[Path]) -> int:
        return sum(file.stat().st_size for file in files)

    with Flow("files") as flow:
        texts = Glob(path=place / "notes", pattern="*.txt")()
        copied = Copy(target_path=place / "texts").map(source_path=texts)
        packed = Zip(source_path=place / "texts", zip_path=place / "texts.zip")(upstream_tasks=[copied])
        unpacked = Unzip(zip_path=place / "texts.zip", extract_dir=place / "again")(upstream_tasks=[packed])
        size = total_size(Glob(path=place / "again", pattern="**/*.txt")(upstream_tasks=[unpacked]))

    state = flow.run()
    assert state is not None
    assert state.is_successful()
    print(sorted(str(path.relative_to(place)) for path in (place / "again").rglob("*")))
    print(state.result[size].result, "characters")
    assert state.result[size].result == len("one.txttwo.txt")
