"""What a task is, what its constructor refuses, and how calling it binds it."""

import functools
import inspect
import logging
import typing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import cloudpickle
import pytest

import prefect
from prefect import Flow, Task, tags, task
from prefect.core.task import EXTRA_CALL_PARAMETERS, NoDefault, instance_property
from prefect.engine.cache_validators import all_inputs, duration_only, never_use
from prefect.engine.results import LocalResult, PrefectResult
from prefect.engine.state import Failed, Success
from prefect.tasks.core.function import FunctionTask
from prefect.triggers import all_failed, all_successful
from prefect.utilities.configuration import set_temporary_config

SECOND = timedelta(seconds=1)


class Adder(Task):
    def run(self, x: int, y: int = 2) -> int:
        return x + y


@task
def inc(x: int) -> int:
    return x + 1


class TestClassChecks:
    def test_variable_positional_arguments_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"variable positional arguments \(\*args\) are not supported"):

            class Bad(Task):
                def run(self, *args: int) -> None: ...

    def test_reserved_names_are_refused_and_named(self) -> None:
        with pytest.raises(ValueError, match="following argument names: mapped, upstream_tasks"):

            class Bad(Task):
                def run(self, mapped: int, upstream_tasks: int) -> None: ...

    def test_positional_only_arguments_are_refused_with_their_own_text(self) -> None:
        class Bad(Task):
            def run(self, x: int, /) -> None: ...

        with pytest.raises(TypeError, match=r"positional-only parameters .* for task Bad: \['x'\]"):
            Bad()
        with pytest.raises(TypeError, match=r"positional-only parameters .* for task named: \['x'\]"):
            task(lambda x, /: x, name="named")

    @pytest.mark.parametrize("function", [max, int, str])
    def test_some_builtins_cannot_be_inspected(self, function: Any) -> None:
        with pytest.raises(ValueError, match="can not be inspected"):
            task(function)

    def test_builtins_and_classes_that_can_be_inspected_are_like_other_functions(self) -> None:
        @dataclass
        class Point:
            x: int
            y: int = 2

        with Flow("ready made") as flow:
            rounded, point = task(round)(3.14159, ndigits=2), task(Point, name="point")(1)
        state = flow.run()
        assert state is not None
        assert (state.result[rounded].result, state.result[point].result) == (3.14, Point(1, 2))
        with pytest.raises(TypeError, match="positional-only parameters"):
            task(len)
        with pytest.raises(ValueError, match="variable positional"):
            task(print)

    def test_a_partial_and_a_callable_object_are_tasks(self) -> None:
        class Callable:
            def __call__(self, x: int) -> int:
                return x

        assert task(Callable()).run(3) == 3
        assert task(functools.partial(lambda x, y: x - y, 5)).run(y=3) == 2
        with pytest.raises(TypeError, match="`fn` must be callable"):
            task(typing.cast(Any, "text"))


class TestConstructor:
    def test_defaults(self) -> None:
        made = Adder()
        assert made.name == "Adder"
        assert made.slug is None
        assert made.tags == set()
        assert (made.max_retries, made.retry_delay, made.retry_on, made.timeout) == (0, None, None, None)
        assert made.trigger is all_successful
        assert made.skip_on_upstream_skip is True
        assert (made.cache_for, made.cache_key, made.cache_validator) == (None, None, never_use)
        assert (made.checkpoint, made.result, made.target, made.task_run_name) == (None, None, None, None)
        assert (made.state_handlers, made.auto_generated, made.log_stdout, made.nout) == ([], False, False, None)
        assert repr(made) == "<Task: Adder>"
        assert made.logger.name == "prefect.Adder"

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"max_retries": 1}, ValueError, "`retry_delay` must be provided if max_retries > 0"),
            ({"retry_delay": SECOND}, ValueError, "`max_retries` argument greater than 0 must be provided"),
            ({"max_retries": 0, "retry_delay": SECOND}, ValueError, "`max_retries` argument greater than 0"),
            ({"retry_on": ValueError}, ValueError, "`max_retries` must be provided if `retry_on` is set"),
            ({"max_retries": 1, "retry_delay": SECOND, "retry_on": 3}, TypeError, "an instance of int"),
            ({"max_retries": 1, "retry_delay": SECOND, "retry_on": [int]}, TypeError, "Expected an exception subclass"),
            ({"timeout": 0.5}, TypeError, "Only integer timeouts"),
            ({"tags": "abc"}, TypeError, "Tags should be a set of tags, not a string."),
            ({"state_handlers": 3}, TypeError, "state_handlers should be iterable."),
            ({"state_handlers": lambda *args: None}, TypeError, "state_handlers should be iterable."),
            ({"name": 3}, TypeError, "name of a task must be a string"),
        ],
    )
    def test_what_is_refused(self, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            Adder(**arguments)

    def test_retry_on_takes_a_class_or_several(self) -> None:
        assert Adder(max_retries=1, retry_delay=SECOND, retry_on=ValueError).retry_on == {ValueError}
        several = Adder(max_retries=1, retry_delay=SECOND, retry_on=[ValueError, KeyError])
        assert several.retry_on == {ValueError, KeyError}

    def test_a_fractional_timeout_warns_and_truncates(self) -> None:
        assert Adder(timeout=timedelta(seconds=2)).timeout == 2
        with pytest.warns(UserWarning, match="sub-second resolution"):
            assert Adder(timeout=timedelta(seconds=1.5)).timeout == 1

    def test_the_settings_may_bring_a_timeout(self) -> None:
        with set_temporary_config({"tasks.defaults.timeout": 7}):
            assert Task().timeout == 7
            assert Task(timeout=3).timeout == 3
        assert Task().timeout is None

    def test_caching(self) -> None:
        assert Adder(cache_for=SECOND).cache_validator is duration_only
        with pytest.warns(UserWarning, match="will not be cached"):
            Adder(cache_validator=all_inputs)

    def test_the_target_is_the_location_of_the_result(self) -> None:
        result = LocalResult(dir=str(prefect.config.home_dir))
        made = Adder(target="x.txt", result=result)
        assert made.result is not None
        assert made.result.location == "x.txt"
        assert result.location is None
        with pytest.warns(UserWarning, match="The `target` value will be used"):
            Adder(target="x.txt", result=PrefectResult(location="y"))

    def test_on_failure_fires_for_failures_only(self) -> None:
        seen: list[Any] = []
        made = Adder(on_failure=lambda *args: seen.append(args))
        (handler,) = made.state_handlers
        handler(made, Success(), Success())
        failed = Failed()
        assert handler(made, Success(), failed) is failed
        assert seen == [(made, failed)]

    def test_a_task_as_an_argument_warns(self) -> None:
        with pytest.warns(UserWarning, match="A Task was passed as an argument to Adder, you likely want to first"):
            Adder(task_run_name=Task())  # type: ignore[arg-type]

    def test_attributes_set_too_early_warn(self) -> None:
        class Early(Task):
            def __init__(self, **kwargs: Any) -> None:
                self.tags = {"lost"}
                self.other = 1
                super().__init__(**kwargs)

        with pytest.warns(UserWarning, match="`Early` sets a `tags` attribute, which will be overwritten"):
            made = Early()
        assert made.tags == set()
        assert made.other == 1

    def test_a_forgotten_constructor_is_named(self) -> None:
        class Forgetful(Task):
            def __init__(self) -> None:
                pass

        with pytest.raises(AttributeError, match=r"its __init__ must call super\(\).__init__\(\)"):
            _ = Forgetful().name
        with pytest.raises(AttributeError, match="'Adder' object has no attribute 'nothing'"):
            _ = Adder().nothing  # type: ignore[attr-defined]

    def test_a_logger_may_be_set(self) -> None:
        made, own = Adder(), logging.getLogger("own")
        made.logger = own
        assert made.copy().logger is own

    def test_tags_of_the_surroundings_are_added(self) -> None:
        with tags("outer"):
            with tags("inner", "outer"):
                assert Adder(tags=["own"]).tags == {"outer", "inner", "own"}
            assert inc.copy().tags == {"outer"}
        assert Adder().tags == set()


class TestSignature:
    def test_an_instance_takes_the_arguments_of_run_and_four_more(self) -> None:
        signature = inspect.signature(Adder())
        assert list(signature.parameters) == ["x", "y", "mapped", "task_args", "upstream_tasks", "flow"]
        assert all(p.kind is p.KEYWORD_ONLY for p in list(signature.parameters.values())[2:])
        assert signature.return_annotation == "Task"
        assert list(inspect.signature(inc).parameters) == ["x", *(p.name for p in EXTRA_CALL_PARAMETERS)]

    def test_other_keywords_come_last(self) -> None:
        @task
        def free(x: int, **rest: int) -> None: ...

        assert list(inspect.signature(free).parameters)[-1] == "rest"

    def test_the_class_keeps_the_signature_of_its_constructor(self) -> None:
        assert list(inspect.signature(Adder).parameters)[:4] == ["name", "slug", "tags", "max_retries"]

        class Own(Task):
            def __init__(self, default: int, **kwargs: Any) -> None:
                super().__init__(**kwargs)

        assert list(inspect.signature(Own).parameters) == ["default", "kwargs"]

    def test_instance_properties_exist_on_instances(self) -> None:
        class Thing:
            @instance_property
            def size(self) -> int:
                """How big."""
                return 3

        assert Thing().size == 3
        assert not hasattr(Thing, "size")

    def test_inputs_and_outputs_come_from_annotations(self) -> None:
        assert Adder().inputs() == {
            "x": {"type": int, "required": True, "default": None},
            "y": {"type": int, "required": False, "default": 2},
        }
        assert Adder().outputs() is int
        assert task(lambda a: a).inputs() == {"a": {"type": Any, "required": True, "default": None}}
        assert task(lambda a: a).outputs() is Any

    def test_inputs_may_be_changed_by_whoever_asked(self) -> None:
        Adder().inputs()["x"]["type"] = str
        assert Adder().inputs()["x"]["type"] is int

    @pytest.mark.parametrize(
        ("annotation", "nout"),
        [
            (tuple[int, str], 2),
            (typing.Tuple[int, str], 2),  # noqa: UP006
            (tuple[int, ...], None),
            (tuple[()], 0),
            (tuple, None),
            (list[int], None),
            ("Undefined", None),
        ],
    )
    def test_the_number_of_results_is_taken_from_the_annotation(self, annotation: Any, nout: int | None) -> None:
        def function(): ...  # type: ignore[no-untyped-def]

        function.__annotations__["return"] = annotation
        assert task(function).nout == nout
        assert task(function, nout=5).nout == 5


class TestCopy:
    def test_a_copy_shares_nothing_that_changes(self) -> None:
        made = Adder(tags=["a"], state_handlers=[print])
        copy = made.copy()
        copy.tags.add("b")
        copy.state_handlers.append(len)
        assert made.tags == {"a"}
        assert made.state_handlers == [print]
        assert copy.run(1) == 3
        assert type(copy) is Adder

    def test_arguments_set_attributes_and_add_tags(self) -> None:
        copy = Adder(tags=["a"]).copy(name="other", max_retries=2, tags=["b"])
        assert (copy.name, copy.max_retries, copy.tags) == ("other", 2, {"a", "b"})
        with pytest.raises(AttributeError, match="<Task: Adder> does not have foo as an attribute"):
            Adder().copy(foo=3)

    def test_a_copy_gets_a_slug_of_its_own(self) -> None:
        assert Adder(slug="s").copy().slug == "s-copy"
        assert Adder(slug="s").copy(slug="t").slug == "t"

    def test_target_and_result_set_the_location(self) -> None:
        copy = Adder().copy(target="t.txt", result=LocalResult(dir=str(prefect.config.home_dir)))
        assert copy.result is not None
        assert copy.result.location == "t.txt"

    def test_copying_a_task_with_dependencies_warns(self) -> None:
        with Flow("f"):
            bound = Adder()(inc(1))
            with pytest.warns(UserWarning, match="The copy will not retain those dependencies"):
                bound(2)

    def test_a_class_may_say_itself_how_it_is_copied(self) -> None:
        class Counting(Task):
            copies = 0

            def __copy__(self) -> "Counting":
                new = Counting()
                new.copies = self.copies + 1
                return new

        assert Counting().copy().copies == 1

    def test_tasks_survive_pickling(self) -> None:
        loaded = cloudpickle.loads(cloudpickle.dumps(Adder(name="a", tags=["t"], trigger=all_failed)))
        assert (loaded.name, loaded.tags, loaded.trigger, loaded.run(1)) == ("a", {"t"}, all_failed, 3)
        assert cloudpickle.loads(cloudpickle.dumps(inc)).run(1) == 2


class TestBinding:
    def test_calling_adds_a_copy_and_binding_the_task_itself(self) -> None:
        with Flow("f") as flow:
            called = inc(1)
            bound = Adder()
            assert bound.bind(called, y=3) is bound
        assert inc not in flow.tasks
        assert flow.tasks == {called, bound}
        assert flow.constants == {called: {"x": 1}, bound: {"y": 3}}

    def test_without_a_flow_the_error_says_what_to_do(self) -> None:
        with pytest.raises(ValueError, match=r"need to call `inc.run\(\.\.\.\)`"):
            inc(1)
        with pytest.raises(ValueError, match=r"need to call `Adder\(\.\.\.\).run\(\.\.\.\)`"):
            Adder()(1)
        with pytest.raises(ValueError, match="No Flow was passed, and could not infer an active Flow context"):
            Adder().set_upstream(inc)

    @pytest.mark.parametrize(
        ("args", "kwargs", "message"),
        [
            ((), {}, "missing a required argument: 'x'"),
            ((1, 2, 3), {}, "too many positional arguments"),
            ((1,), {"z": 3}, "got an unexpected keyword argument 'z'"),
            ((1,), {"x": 3}, "multiple values for argument 'x'"),
        ],
    )
    def test_wrong_arguments_are_noticed_when_binding(self, args: Any, kwargs: Any, message: str) -> None:
        flow = Flow("f")
        with pytest.raises(TypeError, match=message):
            Adder().bind(*args, flow=flow, **kwargs)
        assert not flow.tasks

    def test_free_keywords_are_bound_by_their_names(self) -> None:
        @task
        def free(x: int, **rest: int) -> None: ...

        with Flow("f") as flow:
            bound = free(1, a=2, b=inc(3))
        assert flow.constants[bound] == {"x": 1, "a": 2}
        assert {edge.key for edge in flow.edges_to(bound)} == {"b"}

    def test_task_args_belong_to_the_copy(self) -> None:
        with Flow("f") as flow, tags("ctx"):
            called = inc(1, task_args={"name": "hey", "slug": "sl", "tags": ["z"]})
        assert (called.name, called.tags, flow.slugs[called]) == ("hey", {"ctx", "z"}, "sl")
        with Flow("f"), pytest.raises(AttributeError, match="does not have foo"):
            inc(1, task_args={"foo": 1})

    def test_set_upstream_and_downstream(self) -> None:
        with Flow("f") as flow:
            first, second, third = Task(name="1"), Adder(name="2"), Task(name="3")
            assert second.set_upstream(first, key="x") is second
            assert second.set_downstream(third) is second
            assert second.set_upstream(5, key="y") is second
        assert {(e.upstream_task, e.downstream_task, e.key) for e in flow.edges} == {
            (first, second, "x"),
            (second, third, None),
        }
        assert flow.constants[second] == {"y": 5}

    def test_pipe_hands_the_result_on(self) -> None:
        with Flow("f") as flow:
            last = inc(1).pipe(inc).pipe(Adder(), y=4).pipe(prefect.unmapped).pipe(inc)
        assert flow.slugs[last] == "inc-3"
        assert [task.name for task in flow.sorted_tasks()] == ["inc", "inc", "Adder", "inc"]

    def test_the_operator_for_dependencies_reads_left_to_right(self) -> None:
        with Flow("f") as flow:
            first, second, third = Task(name="1"), Task(name="2"), Task(name="3")
            assert first | second | third is third
        assert flow.sorted_tasks() == (first, second, third)


class TestMapping:
    def test_mapping_maps_every_argument_but_those_unmapped(self) -> None:
        with Flow("f") as flow:
            numbers = inc(1)
            mapped = Adder().map(numbers, y=prefect.unmapped(3))
        (edge,) = flow.edges_to(mapped)
        assert (edge.upstream_task, edge.key, edge.mapped) == (numbers, "x", True)
        assert flow.constants[mapped] == {"y": 3}

    def test_a_constant_that_is_mapped_over_is_a_task(self) -> None:
        with Flow("f") as flow:
            mapped = inc.map([1, 2])
        (edge,) = flow.edges_to(mapped)
        assert edge.upstream_task.name == "[1, 2]"
        assert edge.mapped

    @pytest.mark.parametrize("value", [3, {1, 2}, None, iter([1])])
    def test_mapping_over_what_has_no_items_is_refused(self, value: Any) -> None:
        with Flow("f"), pytest.raises(TypeError, match="Cannot map over unsubscriptable object of type"):
            inc.map(value)

    def test_it_does_not_matter_how_mapping_is_asked_for(self) -> None:
        with pytest.raises(TypeError, match="Cannot map over"), Flow("f"):
            inc(prefect.mapped(3))
        with pytest.raises(TypeError, match="Cannot map over"), Flow("f"):
            inc(3, mapped=True)

    def test_a_mapped_task_is_not_unpackable(self) -> None:
        with Flow("f") as flow:
            one, two = Adder(nout=2)(1)
            with pytest.raises(TypeError, match="Task is not iterable"):
                list(Adder(nout=2).map([1]))
        assert (one.name, two.name) == ("Adder[0]", "Adder[1]")
        assert len(flow.tasks) == 5

    def test_upstream_tasks_are_mapped_too(self) -> None:
        with Flow("f") as flow:
            before, whole = inc(1), inc(2)
            mapped = inc.map([1], upstream_tasks=[before, prefect.unmapped(whole)])
        facts = {e.upstream_task: e.mapped for e in flow.edges_to(mapped) if e.key is None}
        assert facts == {before: True, whole: False}


class TestItems:
    def test_a_task_without_a_number_of_results_is_not_iterable(self) -> None:
        with pytest.raises(TypeError, match="pass `nout` to the task"):
            iter(Adder())

    def test_items_are_tasks_named_for_their_key(self) -> None:
        with Flow("f") as flow:
            made = inc(1)
            items = [made[0], made["a"], made[made]]
        assert [item.name for item in items] == ["inc[0]", "inc['a']", "inc[inc]"]
        assert flow.constants[items[1]] == {"key": "a"}


def test_no_default_prints_as_what_it_is() -> None:
    assert repr(NoDefault.value) == "<no default>"


def test_a_function_task_is_known_by_its_function() -> None:
    def documented(x: int) -> None:
        """What it does."""

    made = task(documented)
    assert isinstance(made, FunctionTask)
    assert made.__doc__ == "What it does."
    assert made.name == "documented"
    assert inspect.signature(made.run) == inspect.signature(documented)
