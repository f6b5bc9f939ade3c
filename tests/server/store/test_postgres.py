def test_opens(postgres_url: str) -> None:
    from prefect.server.store.opening import open_store

    store = open_store(postgres_url)
    with store.snapshot() as s:
        assert s.fetch_one("SELECT slug FROM tenant") == ("default",)
    store.close()
