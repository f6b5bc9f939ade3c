import { Button, Menu } from "@mantine/core";
import { type JSX, useState } from "react";
import { queryClient } from "../api/hooks";
import { session, useSession } from "../api/session";
import { KeyForm } from "../pages/login/Login";
import { Dialog } from "./Dialog";

/** Who looks, as whom, and how to become somebody else; nothing where the server asks for no key. */
export function Who(): JSX.Element | null {
  const known = useSession().data;
  const [changing, setChanging] = useState(false);
  if (known === undefined || !known.authenticated) return null;
  const tenant = known.tenants.find(({ id }) => id === known.tenant_id);
  return (
    <>
      <Menu position="bottom-end" width={260} withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="subtle" color="gray" className="who" rightSection={<span aria-hidden="true">▾</span>}>
            <span className="clip" title={known.key?.name}>
              {known.key?.name}
            </span>
            <span className="who-role">{known.role}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {tenant !== undefined && <div>Tenant {tenant.name}</div>}
            {known.role === "read-only" && <div>You may look at everything and change nothing.</div>}
            {known.role === "user" && <div>You may run and change everything but keys.</div>}
            {known.role === "admin" && <div>You may do everything in this tenant.</div>}
          </Menu.Label>
          <Menu.Item onClick={() => setChanging(true)}>Another key or tenant …</Menu.Item>
          <Menu.Item
            onClick={() => {
              void session.logOut().then(() => queryClient.clear());
            }}
          >
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changing && (
        <Dialog title="Another key or tenant" size="md" onClose={() => setChanging(false)}>
          <p className="soft">Each key is for one tenant: who has a key of another tenant looks at that one with it.</p>
          <KeyForm
            onDone={() => {
              setChanging(false);
              // Nothing of the tenant before may be seen any more.
              void queryClient.resetQueries();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

/** The session has ended while the page was open: it stays as it is, beneath this. */
export function Lost(): JSX.Element {
  return (
    <Dialog title="Your session has ended" size="md" onClose={() => undefined} isForced>
      <p className="soft">
        The key was revoked or has expired, or the session is older than seven days. The page stays where it was: log in
        to go on.
      </p>
      <KeyForm />
    </Dialog>
  );
}
