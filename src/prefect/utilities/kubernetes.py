"""Clients of the Kubernetes API, for agents and tasks."""

from typing import Any

from prefect.utilities.importtools import import_optional

__all__ = ["get_kubernetes_client"]

#: The class of `kubernetes.client` that knows each kind of resource.
K8S_CLIENTS = {
    "job": "BatchV1Api",
    "pod": "CoreV1Api",
    "service": "CoreV1Api",
    "deployment": "AppsV1Api",
    "secret": "CoreV1Api",
}


def get_kubernetes_client(resource: str, kubernetes_api_key_secret: str | None = "KUBERNETES_API_KEY") -> Any:
    """The client for "job", "pod", "service", "deployment" or "secret".

    It uses the key in the secret of that name where there is one, else what a pod of the cluster has, else the user's
    own configuration (`~/.kube/config`).
    """
    if resource not in K8S_CLIENTS:
        raise ValueError(f"No client knows {resource!r}; there are {', '.join(map(repr, K8S_CLIENTS))}.")
    from prefect.client.secrets import Secret

    kubernetes = import_optional("kubernetes", "kubernetes", "A client of Kubernetes")
    key = None
    if kubernetes_api_key_secret and Secret(kubernetes_api_key_secret).exists():
        key = Secret(kubernetes_api_key_secret).get()
    if key:
        configuration = kubernetes.client.Configuration()
        configuration.api_key["authorization"] = key
        api = kubernetes.client.ApiClient(configuration)
    else:
        try:
            kubernetes.config.load_incluster_config()
        except kubernetes.config.config_exception.ConfigException:
            kubernetes.config.load_kube_config()
        api = kubernetes.client.ApiClient()
    return getattr(kubernetes.client, K8S_CLIENTS[resource])(api)
