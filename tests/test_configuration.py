import contextlib
import copy
import datetime
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect import configuration
from prefect.configuration import Config
from prefect.exceptions import ConfigurationError

FIXTURES = Path(__file__).parent / "fixtures"
KEYS: dict[str, Any] = json.loads((FIXTURES / "config_keys.json").read_text())


def load(tmp_path: Path, text: str, user: str | None = None, backend: str | None = None, **options: Any) -> Config:
    (tmp_path / "default.toml").write_text(text)
    paths: dict[str, str] = {}
    for name, content in (("user", user), ("backend", backend)):
        if content is not None:
            (tmp_path / f"{name}.toml").write_text(content)
            paths[f"{name}_config_path"] = str(tmp_path / f"{name}.toml")
    return configuration.load_configuration(str(tmp_path / "default.toml"), **paths, **options)


def at(config: Config, dotted_name: str) -> Any:
    value: Any = config
    for name in dotted_name.split("."):
        value = getattr(value, name)
    return value


class TestDefaults:
    # Ours differ: runs are recorded in a file by default, so no address is chosen; nothing reports to anybody; and the
    # page is where the server is.
    DIFFERENT = {
        "backend": "embedded",
        "cloud.api": "",
        "cloud.graphql": "/graphql",
        "server.telemetry.enabled": False,
        "server.ui.endpoint": "",
    }

    @pytest.fixture
    def defaults(self) -> Config:
        config = configuration.load_configuration(configuration.DEFAULT_CONFIG)
        return configuration.process_task_defaults(config)

    @pytest.mark.parametrize("key", sorted(KEYS))
    def test_every_key_of_the_interface_is_there_with_its_value(self, defaults: Config, key: str) -> None:
        expected = self.DIFFERENT.get(key, KEYS[key])
        if isinstance(expected, str):
            expected = expected.replace("HOME", os.path.expanduser("~/.prefect"))
        assert at(defaults, key) == expected
        assert type(at(defaults, key)) is type(expected)

    def test_keys_of_our_own(self, defaults: Config) -> None:
        assert defaults.embedded.database == os.path.expanduser("~/.prefect/quaestor.db")
        assert defaults.flows.record is False

    @pytest.mark.parametrize(
        ("backend", "api"),
        [("server", "http://localhost:4200"), ("cloud", "https://api.prefect.io")],
    )
    def test_the_backend_chooses_the_address(self, tmp_path: Path, backend: str, api: str) -> None:
        user = tmp_path / "user.toml"
        user.write_text(f'backend = "{backend}"\n')
        config = configuration.load_configuration(configuration.DEFAULT_CONFIG, user_config_path=str(user))
        assert config.cloud.api == api
        assert config.cloud.graphql == api + "/graphql"


class TestTyping:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1", 1),
            ("1.5", 1.5),
            ("1e3", 1000.0),
            ("-1", -1),
            ("true", True),
            ("True", True),
            ("TRUE", True),
            ("false", False),
            ("None", None),
            ("null", "null"),
            ("none", "none"),
            ("[1, 2]", [1, 2]),
            ("['x']", ["x"]),
            ("(1,)", (1,)),
            ("1,2", (1, 2)),
            ("'quoted'", "quoted"),
            (" 1 ", 1),
            ("text", "text"),
            ("007", "007"),
            ("", ""),
            ("[1", "[1"),
            ("1+1", "1+1"),
            ("a: b", "a: b"),
            ("nan", "nan"),
            (r"'\d'", r"\d"),
            ("1\0", "1\0"),
        ],
    )
    def test_text_is_read_as_the_value_it_spells(self, text: str, value: Any) -> None:
        assert configuration.string_to_type(text) == value
        assert type(configuration.string_to_type(text)) is type(value)

    def test_a_dictionary_in_the_environment_becomes_a_section(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TESTING__SECTION", '{"a": {"b": [{"c": 1}]}}')
        config = load(tmp_path, "", env_var_prefix="TESTING")
        assert config.section.a.b[0].c == 1

    def test_the_environment_is_filled_in_and_text_of_files_is_typed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", "/home/user")
        config = load(tmp_path, 'a = "$HOME/x"\nb = "~/x"\nc = "a~/x"\nd = "$NOT_SET/x"\nport = "4200"\ne = "true"\n')
        assert config == {
            "a": "/home/user/x",
            "b": "/home/user/x",
            "c": "a~/x",
            "d": "$NOT_SET/x",
            "port": 4200,
            "e": True,
        }


class TestReferences:
    def test_one_reference_keeps_the_type_and_several_make_text(self, tmp_path: Path) -> None:
        config = load(tmp_path, 'x = 1\ny = "${x}"\nz = "pre-${x}"\nboth = "${x}${x}"\nl = [1]\nm = "${l}"\n')
        assert (config.y, config.z, config.both, config.m) == (1, "pre-1", "11", [1])

    def test_a_missing_key_and_a_section_read_as_empty_text(self, tmp_path: Path) -> None:
        config = load(tmp_path, 'a = "${nope}"\nb = "a${nope.b}c"\nc = "${section}"\n[section]\nx = 1\n')
        assert (config.a, config.b, config.c) == ("", "ac", "")

    def test_references_are_filled_in_from_the_inside_out_and_along_chains(self, tmp_path: Path) -> None:
        text = 'which = "server"\napi = "${${which}.endpoint}"\ngraphql = "${api}/graphql"\n[server]\n'
        config = load(tmp_path, text + 'endpoint = "${server.host}:1"\nhost = "h"\n')
        assert config.graphql == "h:1/graphql"

    def test_keys_that_refer_to_each_other_end(self, tmp_path: Path) -> None:
        config = load(tmp_path, 'a = "${b}"\nb = "${a}"\nc = "x${c}${c}"\nd = "y${c}"\n')
        assert config.a in ("${a}", "${b}")
        assert (config.c, config.d) == ("x${c}${c}", "yx${c}${c}")

    @given(
        st.dictionaries(
            st.sampled_from("abcdef"),
            st.lists(
                st.one_of(st.sampled_from([f"${{{key}}}" for key in "abcdefg"]), st.text("xy$", max_size=3)), max_size=4
            ).map("".join),
        )
    )
    def test_any_web_of_references_ends(self, settings: dict[str, str]) -> None:
        config = configuration.interpolate_config(dict(settings))
        assert config.keys() == settings.keys()
        for key, text in settings.items():
            if "${" not in text:
                assert config[key] == configuration.string_to_type(configuration.interpolate_env_vars(text))


class TestPrecedence:
    def test_later_files_win_and_sections_are_merged(self, tmp_path: Path) -> None:
        config = load(
            tmp_path,
            'x = 1\nbackend = "a"\ny = "${x}"\n[s]\na = 1\nb = 1\n',
            user="x = 2\n[s]\nb = 2\nc = 2\n",
            backend='backend = "b"\n',
        )
        assert config == {"x": 2, "backend": "b", "y": 2, "s": {"a": 1, "b": 2, "c": 2}}

    def test_the_environment_wins_and_creates_keys(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TESTING__X", "3")
        monkeypatch.setenv("TESTING__NEW__KEY", "v")
        monkeypatch.setenv("TESTING__CONTEXT__SECRETS__MyKey", "s")
        monkeypatch.setenv("OTHERTESTING__X", "4")
        config = load(tmp_path, 'x = 1\ny = "${x}"\n', user="x = 2\n", env_var_prefix="TESTING")
        assert config == {"x": 3, "y": 3, "new": {"key": "v"}, "context": {"secrets": {"MyKey": "s"}}}

    def test_the_environment_may_replace_a_section_by_a_value_and_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TESTING__S", "1")
        monkeypatch.setenv("TESTING__V__DEEP", "2")
        config = load(tmp_path, "v = 0\n[s]\na = 1\n", env_var_prefix="TESTING")
        assert config == {"s": 1, "v": {"deep": 2}}

    def test_missing_user_and_backend_files_are_no_matter(self, tmp_path: Path) -> None:
        (tmp_path / "default.toml").write_text("x = 1\n")
        config = configuration.load_configuration(
            str(tmp_path / "default.toml"),
            user_config_path=str(tmp_path / "nope.toml"),
            backend_config_path=str(tmp_path / "nope.toml"),
        )
        assert config == {"x": 1}


class TestBadFiles:
    def test_a_file_that_is_no_toml_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"user\.toml is not valid TOML .*line 1"):
            load(tmp_path, "x = 1\n", user="x = \n")

    @pytest.mark.parametrize("text", ["items = 1\n", "[keys]\na = 1\n", "[a]\nupdate = 1\n", "[a]\ncopy = 2\n"])
    def test_a_key_named_like_a_method_is_refused(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(ValueError, match="Invalid config key"):
            load(tmp_path, text)

    @given(st.text())
    def test_any_text_is_a_configuration_or_one_clear_error(self, tmp_path_factory: Any, text: str) -> None:
        path = tmp_path_factory.mktemp("any") / "any.toml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        with contextlib.suppress(ConfigurationError):
            assert isinstance(configuration.load_configuration(str(path)), Config)


class TestTaskDefaults:
    def test_numbers_become_a_timedelta_and_false_becomes_nothing(self) -> None:
        config = configuration.process_task_defaults(
            Config(tasks={"defaults": {"max_retries": False, "retry_delay": 10, "timeout": False}})
        )
        assert config.tasks.defaults == {
            "max_retries": 0,
            "retry_delay": datetime.timedelta(seconds=10),
            "timeout": None,
        }

    def test_they_are_made_where_missing(self) -> None:
        config = configuration.process_task_defaults(Config())
        assert config.tasks.defaults == {"max_retries": 0, "retry_delay": None, "timeout": None}


class TestConfig:
    def test_items_are_attributes_at_every_depth(self) -> None:
        config = Config({"a": {"b": [{"c": 1}]}})
        config.x = {"y": 1}
        config["w"] = {"v": 2}
        config.update(z={"q": 3})
        assert (config.a.b[0].c, config.x.y, config.w.v, config.z.q) == (1, 1, 2, 3)
        del config.x
        assert "x" not in config

    def test_what_is_not_there_is_an_attribute_error_or_a_key_error(self) -> None:
        config = Config(a=1)
        with pytest.raises(AttributeError, match="'Config' object has no attribute 'nope'"):
            _ = config.nope
        with pytest.raises(AttributeError):
            del config.nope
        with pytest.raises(KeyError):
            config["nope"]
        assert not hasattr(config, "nope")

    def test_a_copy_shares_no_section(self) -> None:
        config = Config(a={"b": 1})
        for other in (config.copy(), copy.copy(config), copy.deepcopy(config), config | {}):
            if other.a is not config.a:
                other.a.b = 2
            assert config.a.b == 1
            assert type(other) is Config

    def test_it_can_be_pickled_and_written_as_json(self) -> None:
        config = Config(a={"b": [{"c": 1}]})
        loaded = pickle.loads(pickle.dumps(config))
        assert loaded == config
        assert loaded.a.b[0].c == 1
        assert json.loads(json.dumps(config)) == {"a": {"b": [{"c": 1}]}}
        assert type(config.to_dict()["a"]["b"][0]) is dict
        assert repr(config) == "Config({'a': {'b': [{'c': 1}]}})"


class TestEnvironmentVariables:
    def test_they_bring_back_the_settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        config = Config(a={"b": 1, "c": [1, "x"]}, d=True, e=None, f="text", context={"secrets": {"MyKey": "v"}})
        variables = configuration.to_environment_variables(config, prefix="TESTING")
        assert variables["TESTING__A__B"] == "1"
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert load(tmp_path, "", env_var_prefix="TESTING") == config

    def test_only_those_asked_for(self) -> None:
        config = Config(a={"b": 1, "c": 2}, d=3)
        variables = configuration.to_environment_variables(config, include=["a.b", "d", "nope"])
        assert variables == {"PREFECT__A__B": "1", "PREFECT__D": "3"}


class TestUserFile:
    def test_it_starts_as_a_copy_of_the_defaults_and_is_never_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "config.toml"
        configuration.create_user_config(str(path))
        assert configuration.load_toml(str(path)) == configuration.load_toml(configuration.DEFAULT_CONFIG)
        with pytest.raises(ValueError, match="File already exists"):
            configuration.create_user_config(str(path))


class TestHostedService:
    @pytest.fixture(autouse=True)
    def _no_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PREFECT__BACKEND", raising=False)

    @pytest.mark.parametrize(
        "config",
        [
            {"backend": "embedded", "cloud": {"api": ""}},
            {"backend": "server", "cloud": {"api": "http://localhost:4200"}},
            {"backend": "cloud", "cloud": {"api": "https://prefect.example.com"}},
            {"backend": "cloud", "cloud": {"api": "https://api.prefect.io.example.com"}},
            {"backend": "cloud", "cloud": {"api": "http://[broken"}},
            {},
        ],
    )
    def test_other_backends_are_no_problem(self, config: dict[str, Any]) -> None:
        assert configuration.hosted_service_problem(config) is None

    @pytest.mark.parametrize("api", ["https://api.prefect.io", "https://API.prefect.io/graphql", "api.prefect.io"])
    def test_it_is_one_line_with_the_way_out(self, api: str) -> None:
        problem = configuration.hosted_service_problem({"backend": "cloud", "cloud": {"api": api}})
        assert problem is not None
        assert "\n" not in problem
        assert "no longer exists" in problem
        assert "prefect backend embedded" in problem

    def test_it_names_what_selects_the_service(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hosted = {"backend": "embedded", "cloud": {"api": "https://api.prefect.io"}}
        problem = configuration.hosted_service_problem(hosted)
        assert problem is not None
        assert "`cloud.api`" in problem
        monkeypatch.setenv("PREFECT__CLOUD__API", "https://api.prefect.io")
        problem = configuration.hosted_service_problem(hosted)
        assert problem is not None
        assert "PREFECT__CLOUD__API" in problem
        monkeypatch.setenv("PREFECT__BACKEND", "cloud")
        problem = configuration.hosted_service_problem({**hosted, "backend": "cloud"})
        assert problem is not None
        assert "PREFECT__BACKEND=embedded" in problem

    def test_importing_with_such_a_user_file_is_silent(self, tmp_path: Path) -> None:
        user = tmp_path / "config.toml"
        user.write_text('backend = "cloud"\n')
        program = "from prefect.configuration import config; print(config.cloud.api)"
        environment = {
            **os.environ,
            "PREFECT__USER_CONFIG_PATH": str(user),
            "PYTHONPATH": str(Path(configuration.__file__).parents[1]),
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert (done.stdout, done.stderr) == ("https://api.prefect.io\n", "")
