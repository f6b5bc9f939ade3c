"""Run tasks with Dask: in threads or processes of this machine, or on a distributed cluster.

Dask is the optional extra `dask`. This module can be imported without it; making an executor cannot be done without it.
What the engine submits never becomes part of a Dask graph: values stay inside a `_Call`, and only the futures among
them are shown to Dask, which would otherwise take tuples for tasks and strings for keys.
"""

import ctypes
import functools
import importlib
import logging
import multiprocessing
import os
import pkgutil
import socket
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures import Executor as Pool
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import cloudpickle

from prefect.configuration import config
from prefect.executors.base import Executor
from prefect.executors.pool import InProcesses, PoolScheduler, Runner, run_pickled_in

if TYPE_CHECKING:
    from dask.callbacks import Callback
    from dask.delayed import Delayed
    from distributed import Client, Event, Future
else:
    try:
        from dask.callbacks import Callback
        from dask.delayed import Delayed
    except ImportError:
        Callback = Delayed = object

# A task with the tag `dask-resource:GPU=1` runs only on workers that declare that resource.
RESOURCE_TAG_PREFIX = "dask-resource:"

SCHEDULERS = {
    "threads": "threads",
    "threading": "threads",
    "processes": "processes",
    "multiprocessing": "processes",
    "synchronous": "synchronous",
    "sync": "synchronous",
    "single-threaded": "synchronous",
}

_NOT_STARTED = "This executor has not been started."


class MissingDask(ImportError):
    """A package that the executor needs is not installed."""

    def __init__(self, wanted_by: str, package: str, command: str) -> None:
        super().__init__(f"{wanted_by} needs {package}, which is not installed. Install it: {command}", name=package)


def _require(package: str, wanted_by: str, command: str = "pip install 'quaestor[dask]'") -> None:
    """Imports `package`, or raises `MissingDask`."""
    try:
        importlib.import_module(package)
    except ImportError as error:
        raise MissingDask(wanted_by, package, command) from error


# Futures among arguments ---------------------------------------------------------------------------------------------


class _Place:
    """Stands, inside the arguments of a call, where the value of a future will be."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class _Futures:
    """The distinct futures met in some values, each with its place."""

    def __init__(self, future_type: Any) -> None:
        self.future_type = future_type
        self.found: list[Any] = []
        self._places: dict[Any, _Place] = {}

    def take(self, value: Any) -> Any:
        """`value` with a `_Place` instead of each future in it, or `value` itself when it holds none.

        Looks into lists, tuples, sets and the values of dictionaries, as Dask does.
        """
        if not isinstance(value, self.future_type):
            return _with_items_changed(value, self.take)
        place = self._places.get(value.key)
        if place is None:
            place = self._places[value.key] = _Place(len(self.found))
            self.found.append(value)
        return place


def _fill(value: Any, values: Sequence[Any]) -> Any:
    """`value` with what belongs there in every `_Place`."""

    def fill(item: Any) -> Any:
        return values[item.index] if type(item) is _Place else _with_items_changed(item, fill)

    return fill(value)


def _with_items_changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """A collection like `value` of its changed items; the same object if no item changed or it is no collection."""
    kind = type(value)
    if kind is dict:
        items = {key: change(item) for key, item in value.items()}
        return items if any(items[key] is not item for key, item in value.items()) else value
    named_tuple = hasattr(kind, "_make") and isinstance(value, tuple)
    if named_tuple or kind in (list, tuple, set, frozenset):
        originals = list(value)
        changed = [change(item) for item in originals]
        if all(new is old for new, old in zip(changed, originals, strict=True)):
            return value
        return kind._make(changed) if named_tuple else kind(changed)
    return value


class _Call:
    """A function and its arguments, called with the values of the futures among them."""

    def __init__(self, fn: Callable[..., Any], arguments: tuple[Any, Any]) -> None:
        self.fn = fn
        self.arguments = arguments

    def __call__(self, *values: Any) -> Any:
        args, kwargs = _fill(self.arguments, values) if values else self.arguments
        return self.fn(*args, **kwargs)


def _make_key(fn: Callable[..., Any], extra_context: Mapping[str, Any]) -> str:
    """A unique key that begins with what a person looks for in Dask's dashboard: `task_name-index-id`."""
    name = extra_context.get("task_name") or getattr(fn, "__name__", None) or type(fn).__name__
    index = extra_context.get("task_index")
    unique = uuid.uuid4().hex
    return f"{name}-{unique}" if index in (None, "") else f"{name}-{index}-{unique}"


# This machine --------------------------------------------------------------------------------------------------------


class PrefectCallback(Callback):  # type: ignore[misc]
    """Keeps the value of every Dask task that finishes, so that none is computed twice during a flow run."""

    def __init__(self) -> None:
        self.cache: dict[str, Any] = {}

    def _posttask(self, key: str, value: Any, dsk: Any, state: Any, worker_id: Any) -> None:
        self.cache[key] = value


class _LocalFuture(Delayed):  # type: ignore[misc]
    """One of our own `Delayed`; those that users pass among their values are left alone."""

    __slots__ = ()


class _Interrupter:
    """Knows which threads are running a task, and can raise `KeyboardInterrupt` in them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: set[int] = set()

    def run(self, call: Callable[..., Any], *values: Any) -> Any:
        """The value of the call; while it runs, this thread can be interrupted."""
        thread = threading.get_ident()
        with self._lock:
            self._busy.add(thread)
        try:
            return call(*values)
        finally:
            with self._lock:
                self._busy.discard(thread)

    def interrupt_all(self) -> None:
        """Raises `KeyboardInterrupt` in each busy thread, when it next executes Python code."""
        with self._lock:
            for thread in self._busy:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))


def _die_with_parent() -> None:
    """Lets this worker process end when the one that started it is gone, however that ended: nobody else would tell."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="prefect-parent-watcher", daemon=True).start()


class LocalDaskExecutor(Executor):
    """Runs tasks on this machine with Dask's local schedulers.

    `scheduler` is `"threads"` (the default), `"processes"` or `"synchronous"`; Dask's other names for them are
    understood. All further keywords are Dask's settings for the length of the flow run: `num_workers`, `pool`, ...

    A future is a `dask.delayed.Delayed`. In threads and processes a task runs as soon as its inputs exist, on the
    synchronous scheduler once somebody waits. Where the run ends with an error, no further task is started, and tasks
    running in threads are interrupted with `KeyboardInterrupt`. A process that dies costs the task that it ran another
    try.
    """

    def __init__(self, scheduler: str = "threads", **kwargs: Any) -> None:
        _require("dask", type(self).__name__)
        if scheduler.lower() not in SCHEDULERS:
            known = ", ".join(repr(name) for name in dict.fromkeys(SCHEDULERS.values()))
            raise ValueError(f"Unknown scheduler {scheduler!r}; {type(self).__name__} knows {known}.")
        self.scheduler = SCHEDULERS[scheduler.lower()]
        self.dask_config = kwargs
        self.callback = PrefectCallback()
        # What was submitted in this run, by key, as Dask tasks; None while not started. All futures of the run share
        # it: a graph of its own for each, as Dask makes them, costs time quadratic in the length of a flow.
        self._graph: dict[str, tuple[Any, ...]] | None = None
        self._pool: PoolScheduler | None = None
        super().__init__()

    def __getstate__(self) -> dict[str, Any]:
        live = {"callback": PrefectCallback(), "_graph": None, "_pool": None}
        return self.__dict__ | live

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @contextmanager
    def start(self) -> Iterator[None]:
        """Within it Dask runs as this executor says; leaving it with an error cancels what has not run."""
        import dask

        self._graph = {}
        self.callback = PrefectCallback()
        try:
            with dask.config.set(scheduler=self.scheduler, **self.dask_config), self._running_pool():
                yield
        finally:
            self._graph = None

    @contextmanager
    def _running_pool(self) -> Iterator[None]:
        """A pool for this run, or the one that the user brought; the synchronous scheduler needs none."""
        if self.scheduler == "synchronous":
            yield
            return
        with ExitStack() as stack:
            interrupter = _Interrupter()
            size, run = self._places(stack, interrupter)
            pool = self._pool = PoolScheduler(size, run, name=type(self).__name__)
            stack.callback(pool.stop)
            try:
                yield
            except BaseException:
                if self.scheduler == "threads":
                    self.logger.info("Attempting to interrupt and cancel all running tasks...")
                    interrupter.interrupt_all()
                raise
            finally:
                self._pool = None

    def _places(self, stack: ExitStack, interrupter: _Interrupter) -> tuple[int, Runner]:
        """How many tasks run at once, and how one is run."""
        import dask
        from dask.system import CPU_COUNT

        size = int(dask.config.get("num_workers", None) or CPU_COUNT)
        brought = dask.config.get("pool", None)
        if brought is not None:
            pool, size = _pool_and_size(brought, size)
            if self.scheduler == "threads":
                return size, lambda call, values: pool.submit(call, *values).result()
            return size, lambda call, values: run_pickled_in(pool, cloudpickle.dumps((call, list(values))))
        if self.scheduler == "threads":
            return size, lambda call, values: interrupter.run(call, *values)
        from dask.multiprocessing import get_context

        processes = InProcesses(
            lambda: ProcessPoolExecutor(1, mp_context=get_context(), initializer=_die_with_parent), self.logger
        )
        stack.callback(processes.close)
        return size, processes

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> "Delayed":
        """A `Delayed` for `fn(*args, **kwargs)`, named after the task that `extra_context` describes."""
        if self._graph is None:
            raise ValueError(_NOT_STARTED)
        futures = _Futures(_LocalFuture)
        call = _Call(fn, futures.take((args, kwargs)))
        key = _make_key(fn, extra_context or {})
        needs = [future.key for future in futures.found]
        self._graph[key] = (call, *needs)
        if self._pool is not None:
            self._pool.add(key, call, needs)
        return _LocalFuture(key, self._graph)

    def wait(self, futures: Any) -> Any:
        """The values of `futures`, in the same shape; where nothing runs by itself, computes what is not known yet."""
        if self._graph is None:
            raise ValueError(_NOT_STARTED)
        wanted = _Futures(_LocalFuture)
        shape = wanted.take(futures)
        keys = [future.key for future in wanted.found]
        if not keys:
            return futures
        if self._pool is not None:
            return _fill(shape, self._pool.wait(keys))
        missing = self._not_yet_computed(self._graph, keys)
        if missing:
            from dask.local import get_sync as run_here

            with self.callback:
                run_here(missing, list(missing))
        return _fill(shape, [self.callback.cache[key] for key in keys])

    def _not_yet_computed(self, submitted: Mapping[str, tuple[Any, ...]], keys: list[str]) -> dict[str, Any]:
        """The part of the graph that must run for `keys`; values that are known already are put into its calls."""
        known = self.callback.cache
        graph: dict[str, Any] = {}
        pending = [key for key in keys if key not in known]
        while pending:
            key = pending.pop()
            if key in graph:
                continue
            call, *needed = submitted[key]
            missing = [each for each in needed if each not in known]
            if len(missing) < len(needed):
                places = {each: _Place(index) for index, each in enumerate(missing)}
                at_hand = [places[each] if each in places else known[each] for each in needed]
                call = _Call(call.fn, _fill(call.arguments, at_hand))
            graph[key] = (call, *missing)
            pending.extend(missing)
        return graph


def _pool_and_size(brought: Any, size: int) -> tuple[Pool, int]:
    """A pool that the user brought, as an executor, and how many calls it runs at once."""
    import multiprocessing.pool

    if isinstance(brought, multiprocessing.pool.Pool):
        from dask.local import MultiprocessingPoolExecutor

        return MultiprocessingPoolExecutor(brought), getattr(brought, "_processes", size)
    return brought, getattr(brought, "_max_workers", size)


# A cluster -----------------------------------------------------------------------------------------------------------


class _RemoteCall(_Call):
    """A call that runs on a worker of a cluster, unless its flow run has ended meanwhile."""

    def __init__(self, fn: Callable[..., Any], arguments: tuple[Any, Any], should_run_event: str | None) -> None:
        super().__init__(fn, arguments)
        self.should_run_event = should_run_event

    def __call__(self, *values: Any) -> Any:
        return _run_while_wanted(self.should_run_event, functools.partial(super().__call__, *values))


class _PackedCall:
    """One of many calls that differ in a few arguments: what is the same for all is pickled once."""

    def __init__(self, common: bytes, own: bytes, should_run_event: str | None) -> None:
        self.common = common
        self.own = own
        self.should_run_event = should_run_event

    def __call__(self, *values: Any) -> Any:
        return _run_while_wanted(self.should_run_event, functools.partial(self._call, values))

    def _call(self, values: Sequence[Any]) -> Any:
        fn, common = _read_common(self.common)
        return fn(**common, **_fill(cloudpickle.loads(self.own), values))


# Few, since they may be large; all the calls of one map come together.
_read_common = functools.lru_cache(maxsize=4)(cloudpickle.loads)


def _run_packed(call: _PackedCall, *values: Any) -> Any:
    return call(*values)


# What this worker has heard of flow runs, by the name of their event: True while they go on.
_flow_runs: dict[str, bool] = {}


def _goes_on(event_name: str | None) -> bool:
    """Whether the flow run goes on: asked once, since its driver tells every worker when it ends early."""
    if event_name is None:
        return True
    if event_name not in _flow_runs:
        while len(_flow_runs) >= 1_000:
            _flow_runs.pop(next(iter(_flow_runs)), None)
        # What was told while the scheduler was being asked stands.
        return _flow_runs.setdefault(event_name, _is_set(event_name))
    return _flow_runs[event_name]


def _end_flow_run(event_name: str, interrupting: bool = False) -> None:
    _flow_runs[event_name] = False
    if interrupting:
        _BUSY.interrupt(lambda work: work.event_name == event_name)


def _run_while_wanted(event_name: str | None, call: Callable[[], Any]) -> Any:
    """The value of a call, unless its flow run has ended or ends meanwhile: nobody waits for it then."""
    return _BUSY.run(event_name, call) if _goes_on(event_name) else None


class _Work(NamedTuple):
    """What a thread of a worker is doing: for which flow run, and under which key the scheduler knows it."""

    event_name: str | None
    worker: Any
    key: str | None

    def is_wanted(self) -> bool:
        """Whether the scheduler still wants it: not after a client has cancelled it, or has died."""
        if self.worker is None:
            return True
        task = self.worker.state.tasks.get(self.key)
        return task is not None and task.state != "cancelled"


class _BusyThreads:
    """The threads of this worker that run a task, each of which can be interrupted, once, with `KeyboardInterrupt`.

    A driver that ends its run says so. Of one that was killed the scheduler lets go what it had asked for, and a thread
    looks after that as long as there is work.
    """

    LOOK_SECONDS = 0.5
    # So often it looks in vain before it ends.
    IDLE_LOOKS = 20
    # An interruption that was sent arrives within this time.
    ARRIVAL_SECONDS = 1.0

    def __init__(self) -> None:
        # Whoever takes a thread out of it, in one step, decides what becomes of that thread. There is no lock, which a
        # thread that is interrupted could take with it.
        self._works: dict[int, _Work] = {}
        self._lock = threading.Lock()
        self._watcher: threading.Thread | None = None

    def run(self, event_name: str | None, call: Callable[[], Any]) -> Any:
        """The value of the call; None where it was interrupted."""
        thread = threading.get_ident()
        self._works[thread] = self._describe(event_name)
        self._watch()
        try:
            value = call()
        except KeyboardInterrupt:
            if self._works.pop(thread, None) is None:
                return None
            raise  # it is none of ours
        except BaseException:
            if self._works.pop(thread, None) is None:
                self._await_interruption()
                return None
            raise
        if self._works.pop(thread, None) is None:
            self._await_interruption()
            return None
        return value

    def interrupt(self, is_meant: Callable[[_Work], bool]) -> None:
        """Raise `KeyboardInterrupt` in the threads whose work is meant, when they next execute Python code."""
        for thread, work in list(self._works.items()):
            if is_meant(work) and self._works.pop(thread, None) is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))

    def _await_interruption(self) -> None:
        """Let an interruption arrive that was sent to this thread while its work ended: Dask would not survive it."""
        end = time.monotonic() + self.ARRIVAL_SECONDS
        with suppress(KeyboardInterrupt):
            while time.monotonic() < end:
                time.sleep(0.001)

    @staticmethod
    def _describe(event_name: str | None) -> _Work:
        from distributed import get_worker

        try:
            worker = get_worker()
        except ValueError:  # not called by a worker
            return _Work(event_name, None, None)
        return _Work(event_name, worker, worker.get_current_task())

    def _watch(self) -> None:
        with self._lock:
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._look_on, name="prefect-busy-threads", daemon=True)
                self._watcher.start()

    def _look_on(self) -> None:
        idle = 0
        while True:
            time.sleep(self.LOOK_SECONDS)
            idle = 0 if self._works else idle + 1
            with self._lock:
                if idle > self.IDLE_LOOKS:
                    self._watcher = None
                    return
            self.interrupt(lambda work: not work.is_wanted())


_BUSY = _BusyThreads()


def _is_set(event_name: str) -> bool:
    """True unless the event is known to be cleared: without an answer the task runs."""
    from distributed import Event, get_client

    try:
        return bool(Event(event_name, client=get_client()).is_set())
    except (OSError, TimeoutError):
        logging.getLogger(f"prefect.{DaskExecutor.__name__}").warning(
            "The scheduler did not say whether the flow run still goes on; running the task.", exc_info=True
        )
        return True


def _host_name() -> str:
    return socket.gethostname()


def _resources_from(tags: Iterable[str]) -> dict[str, float]:
    """What the tags `dask-resource:NAME=AMOUNT` ask for."""
    resources: dict[str, float] = {}
    for tag in tags:
        if not tag.startswith(RESOURCE_TAG_PREFIX):
            continue
        name, _, amount = tag.removeprefix(RESOURCE_TAG_PREFIX).partition("=")
        try:
            resources[name] = float(amount)
        except ValueError:
            raise ValueError(
                f"The tag {tag!r} does not name a Dask resource: write {RESOURCE_TAG_PREFIX}NAME=AMOUNT, "
                f"for example {RESOURCE_TAG_PREFIX}GPU=1"
            ) from None
    return resources


class DaskExecutor(Executor):
    """Runs tasks on a Dask cluster: one that exists at `address`, or one made for the length of each flow run.

    Without an address, `cluster_class` (a class, another callable, or the import path of one; `LocalCluster` unless
    configured otherwise) is called with `cluster_kwargs`, and told to `adapt(**adapt_kwargs)` if these are given.

    `debug` lets a local cluster log its warnings; it defaults to the setting `debug`.

    `performance_report_path` is where Dask's report of the run is written; this needs the package bokeh.

    A run that is cancelled lets go of what waits, and interrupts what runs with `KeyboardInterrupt`; a call into C is
    interrupted when it returns. Where the program is killed, the scheduler notices, and workers do the same.

    With `disable_cancellation_event` nobody asks whether the flow run still goes on: tasks already handed out when it
    is cancelled still run.

    `watch_worker_status` says whether `on_worker_status_changed` is called when workers come and go; None means: only
    for clusters made for the run.
    """

    def __init__(
        self,
        address: str | None = None,
        cluster_class: str | Callable[..., Any] | None = None,
        cluster_kwargs: dict[str, Any] | None = None,
        adapt_kwargs: dict[str, Any] | None = None,
        client_kwargs: dict[str, Any] | None = None,
        debug: bool | None = None,
        performance_report_path: str | None = None,
        disable_cancellation_event: bool = False,
        watch_worker_status: bool | None = None,
    ) -> None:
        _require("distributed", type(self).__name__)
        if not address:
            address = config.engine.executor.dask.address or None
        if address is not None:
            if cluster_class is not None or cluster_kwargs is not None:
                raise ValueError("Cannot specify `address` and `cluster_class`/`cluster_kwargs`")
        else:
            cluster_class = cluster_class or config.engine.executor.dask.cluster_class
            if isinstance(cluster_class, str):
                cluster_class = pkgutil.resolve_name(cluster_class)
            cluster_kwargs = dict(cluster_kwargs or {})
            adapt_kwargs = dict(adapt_kwargs or {})
            from distributed import LocalCluster

            if cluster_class is LocalCluster:
                debug = config.debug if debug is None else debug
                cluster_kwargs.setdefault("silence_logs", logging.WARNING if debug else logging.CRITICAL)

        self.address = address
        self.cluster_class = cluster_class
        self.cluster_kwargs = cluster_kwargs
        self.adapt_kwargs = adapt_kwargs
        self.client_kwargs = {"set_as_default": False, **(client_kwargs or {})}
        self.performance_report_path = performance_report_path
        self.disable_cancellation_event = disable_cancellation_event
        self.watch_worker_status = watch_worker_status

        self.client: Client | None = None
        self._futures: weakref.WeakSet[Future] | None = None
        self._depths: dict[str, int] = {}
        self._should_run_event: Event | None = None
        super().__init__()

    def __getstate__(self) -> dict[str, Any]:
        live: dict[str, Any] = {"client": None, "_futures": None, "_depths": {}, "_should_run_event": None}
        return self.__dict__ | live

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @contextmanager
    def start(self) -> Iterator[None]:
        """A client of the cluster; a cluster made for the run is closed at the end.

        Tasks that have not started when this is left are not run; those that run are waited for, and interrupted where
        it is left by `KeyboardInterrupt`, as a cancelled run leaves it.
        """
        if self.performance_report_path:
            _require("bokeh", "DaskExecutor(performance_report_path=...)", "pip install bokeh")
        with ExitStack() as stack:
            client = self.client = stack.enter_context(self._make_client(stack))
            stack.callback(self._forget)
            self._futures = weakref.WeakSet()
            if self._watches_workers:
                stack.enter_context(self._watching_workers(client))
            if self.performance_report_path:
                from distributed import performance_report

                stack.enter_context(client.as_current())
                stack.enter_context(performance_report(self.performance_report_path))
            if not self.disable_cancellation_event:
                stack.enter_context(self._cancellation_event(client))
            yield

    @property
    def _watches_workers(self) -> bool:
        return self.address is None if self.watch_worker_status is None else self.watch_worker_status

    def _make_client(self, stack: ExitStack) -> "Client":
        from distributed import Client

        if self.address is not None:
            self.logger.info("Connecting to an existing Dask cluster at %s", self.address)
            return Client(self.address, **self.client_kwargs)
        assert callable(self.cluster_class)
        name = getattr(self.cluster_class, "__qualname__", type(self.cluster_class).__qualname__)
        self.logger.info(
            "Creating a new Dask cluster with `%s.%s`...", getattr(self.cluster_class, "__module__", "?"), name
        )
        cluster = stack.enter_context(self.cluster_class(**(self.cluster_kwargs or {})))
        if getattr(cluster, "dashboard_link", None):
            self.logger.info("The Dask dashboard is available at %s", cluster.dashboard_link)
        if self.adapt_kwargs:
            cluster.adapt(**self.adapt_kwargs)
        return Client(cluster, **self.client_kwargs)

    def _forget(self) -> None:
        self.client = self._futures = None
        self._depths = {}

    @contextmanager
    def _cancellation_event(self, client: "Client") -> Iterator[None]:
        """An event on the scheduler that is set while tasks of this run may start."""
        from distributed import Event, wait

        self._should_run_event = event = Event(f"prefect-{uuid.uuid4().hex}", client=client)
        event.set()
        interrupting = False
        try:
            yield
        except KeyboardInterrupt:
            interrupting = True
            raise
        finally:
            self._should_run_event = None
            if client.status == "running":
                event.clear()
                active = [future for future in self._futures or () if future.status == "pending"]
                if active:
                    # Workers that come later ask; those that are there may have asked before.
                    client.run(_end_flow_run, event.name, interrupting, on_error="ignore")
                    if interrupting:
                        self.logger.info("Attempting to interrupt and cancel all running tasks...")
                        begun = {key for keys in client.processing().values() for key in keys}
                        client.cancel([future for future in active if future.key not in begun])
                        active = [future for future in active if future.key in begun]
                    self.logger.info("Stopping executor, waiting for %d active tasks to complete", len(active))
                    with client.as_current():  # which is how `wait` finds it
                        while active := [future for future in active if future.status == "pending"]:
                            # One that the scheduler has let go meanwhile ends the waiting for all of them.
                            with suppress(CancelledError):
                                wait(active)

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> "Future":
        """A `distributed.Future` for `fn(*args, **kwargs)`.

        Its key begins with the task's name and index, and tags like `dask-resource:GPU=1` choose its workers. What is
        furthest down the flow goes first, so that branches of a map finish before others begin.
        """
        from distributed import Future

        if self.client is None:
            raise ValueError(_NOT_STARTED)
        extra_context = extra_context or {}
        futures = _Futures(Future)
        event = None if self._should_run_event is None else self._should_run_event.name
        call = _RemoteCall(fn, futures.take((args, kwargs)), event)
        key = _make_key(fn, extra_context)
        depth = 1 + max((self._depths.get(future.key, 0) for future in futures.found), default=-1)
        future: Future = self.client.submit(
            call,
            *futures.found,
            key=key,
            pure=False,
            priority=depth,
            resources=_resources_from(extra_context.get("task_tags") or ()) or None,
        )
        self._keep(future, depth)
        return future

    def _keep(self, future: "Future", depth: int) -> None:
        self._depths[future.key] = depth
        if self._futures is not None:
            self._futures.add(future)

    def submit_all(
        self,
        fn: Callable[..., Any],
        common: Mapping[str, Any],
        calls: Sequence[Mapping[str, Any]],
        extra_contexts: Sequence[dict[str, Any]],
    ) -> "list[Future]":
        """What as many calls of `submit` give, in a few messages instead of one for each."""
        from distributed import Future

        if type(self).submit is not DaskExecutor.submit:  # a subclass wants to see each of them
            return super().submit_all(fn, common, calls, extra_contexts)
        if self.client is None:
            raise ValueError(_NOT_STARTED)
        packed = cloudpickle.dumps((fn, dict(common)))
        event = None if self._should_run_event is None else self._should_run_event.name
        alike: dict[Any, list[tuple[int, str, _PackedCall, list[Future]]]] = {}
        for place, (call, extra_context) in enumerate(zip(calls, extra_contexts, strict=True)):
            futures = _Futures(Future)
            own = cloudpickle.dumps(futures.take(dict(call)))
            depth = 1 + max((self._depths.get(future.key, 0) for future in futures.found), default=-1)
            resources = _resources_from(extra_context.get("task_tags") or ())
            member = place, _make_key(fn, extra_context), _PackedCall(packed, own, event), futures.found
            alike.setdefault((depth, len(futures.found), tuple(sorted(resources.items()))), []).append(member)
        submitted: list[Future | None] = [None] * len(calls)
        for (depth, _, wanted), members in alike.items():
            places, keys, packed_calls, needed = zip(*members, strict=True)
            made = self.client.map(
                _run_packed,
                packed_calls,
                *zip(*needed, strict=True),
                key=list(keys),
                pure=False,
                priority=depth,
                resources=dict(wanted) or None,
            )
            for place, future in zip(places, made, strict=True):
                submitted[place] = future
                self._keep(future, depth)
        return [future for future in submitted if future is not None]

    def wait(self, futures: Any) -> Any:
        """The values of `futures`, in the same shape."""
        from distributed import Future

        if self.client is None:
            raise ValueError(_NOT_STARTED)
        wanted = _Futures(Future)
        shape = wanted.take(futures)
        return _fill(shape, self.client.gather(wanted.found)) if wanted.found else futures

    def hosts(self) -> set[str]:
        """The names of the machines of the workers that are there now; others may come later."""
        if self.client is None:
            raise ValueError(_NOT_STARTED)
        return set(self.client.run(_host_name).values())

    @contextmanager
    def _watching_workers(self, client: "Client") -> Iterator[None]:
        """While inside, `on_worker_status_changed` is called, in the client's event loop."""

        async def tell(event: tuple[float, dict[str, Any]]) -> None:
            _, change = event
            action, worker = change.get("action"), change.get("worker")
            if action == "add-worker":
                known = (await client.scheduler.identity()).get("workers", {})
                await self.on_worker_status_changed("add", {"workers": {worker: known.get(worker, {})}})
            elif action == "remove-worker":
                await self.on_worker_status_changed("remove", worker)

        # The topic, and not the status feed that clusters use themselves: the scheduler keeps a single one of those.
        client.subscribe_topic("all", tell)
        try:
            yield
        finally:
            if client.status == "running":
                client.unsubscribe_topic("all")

    async def on_worker_status_changed(self, op: str, message: Any) -> None:
        """Called when a worker comes or goes.

        `op` is "add", and `message` is `{"workers": {address: description}}`; or it is "remove", and `message` is the
        address.
        """
        self.logger.debug("Dask worker status: %s %s", op, message)

    @property
    def performance_report(self) -> str:
        """The text of Dask's report of the run; empty, with a warning, where none was asked for."""
        if not self.performance_report_path:
            self.logger.warning("Executor was not configured to generate performance report")
            return ""
        with open(self.performance_report_path, encoding="utf-8") as report:
            return report.read()
