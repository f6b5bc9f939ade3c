"""What the run configs take and refuse."""

import os
from pathlib import Path

import pytest

import prefect.run_configs as run_configs
from prefect.run_configs import DockerRun, ECSRun, KubernetesRun, LocalRun, RunConfig, UniversalRun, VertexRun


def test_equality_is_of_kind_and_content() -> None:
    assert UniversalRun(env={"A": "1"}, labels=["b", "a"]) == UniversalRun(env={"A": "1"}, labels={"a", "b"})
    assert UniversalRun() != UniversalRun(labels=["a"])
    assert UniversalRun() != DockerRun()
    assert UniversalRun() != 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(UniversalRun())


def test_what_is_written_alike_is_equal() -> None:
    assert DockerRun(ports=(1, 2)) == DockerRun(ports=[1, 2])
    assert KubernetesRun(memory_limit=5) == KubernetesRun(memory_limit="5")  # type: ignore[arg-type]
    assert DockerRun(ports=[1]) != DockerRun(ports=[2])

    class Mine(RunConfig):
        def __init__(self, detail: object) -> None:
            super().__init__()
            self.detail = detail

    assert Mine(1) == Mine(1)
    assert Mine(1) != Mine(2)


def test_a_relative_working_directory_is_taken_from_here() -> None:
    assert LocalRun(working_dir="x").working_dir == os.path.abspath("x")
    assert LocalRun().working_dir is None


def test_numbers_of_kubernetes_and_ecs_become_text() -> None:
    kubernetes = KubernetesRun(cpu_limit=2.5, cpu_request=1, image_pull_secrets=("a",))
    assert (kubernetes.cpu_limit, kubernetes.cpu_request, kubernetes.image_pull_secrets) == ("2.5", "1", ["a"])
    ecs = ECSRun(cpu=1024, memory="2 GB")
    assert (ecs.cpu, ecs.memory) == ("1024", "2 GB")
    assert VertexRun().machine_type == "e2-standard-4"


def test_a_template_on_this_machine_is_read_and_others_are_left_to_the_agent(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    template = tmp_path / "job.yaml"
    template.write_text("kind: Job\n")
    for path in (str(template), f"file://{template}"):
        read = KubernetesRun(job_template_path=path)
        assert (read.job_template_path, read.job_template) == (None, {"kind": "Job"})
    assert ECSRun(task_definition_path=str(template)).task_definition == {"kind": "Job"}
    assert KubernetesRun(job_template="a: 1").job_template == {"a": 1}
    left = KubernetesRun(job_template_path="agent:///job.yaml")
    assert (left.job_template_path, left.job_template) == ("agent:///job.yaml", None)


def test_a_missing_template_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yaml"):
        KubernetesRun(job_template_path="/nowhere.yaml")


def test_contradictions_are_refused() -> None:
    with pytest.raises(ValueError, match="both `job_template_path` and `job_template`"):
        KubernetesRun(job_template={}, job_template_path="s3://x")
    with pytest.raises(ValueError, match="Invalid image_pull_policy 'Foo'"):
        KubernetesRun(image_pull_policy="Foo")
    with pytest.raises(ValueError, match="only provide one of"):
        ECSRun(task_definition={}, task_definition_arn="x")
    with pytest.raises(ValueError, match="both `task_definition_arn` and `image`"):
        ECSRun(task_definition_arn="x", image="y")


def test_the_package_knows_its_names_only() -> None:
    for name in run_configs.__all__:
        assert getattr(run_configs, name).__name__ == name
    assert set(run_configs.__all__) <= set(dir(run_configs))
    with pytest.raises(AttributeError, match="no attribute 'LambdaRun'"):
        run_configs.LambdaRun  # noqa: B018
