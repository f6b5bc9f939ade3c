"""Every test runs in a home of its own: nothing of the person's settings is read, nothing is written to their files."""

import atexit
import os
import shutil
import tempfile

# Before the first import of prefect, which reads its settings once.
for _name in [name for name in os.environ if name.startswith("PREFECT_")]:
    del os.environ[_name]
_home = tempfile.mkdtemp(prefix="quaestor-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["PREFECT__HOME_DIR"] = _home
os.environ["PREFECT__USER_CONFIG_PATH"] = os.path.join(_home, "config.toml")
