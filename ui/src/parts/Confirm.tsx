import { Button, TextInput } from "@mantine/core";
import { type JSX, type ReactNode, useState } from "react";
import { queryClient } from "../api/hooks";
import { Dialog } from "./Dialog";
import { Wrong } from "./Notice";

interface ConfirmProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly says: string;
  readonly isDanger?: boolean;
  /** What has to be typed before: for what cannot be undone and is much. */
  readonly typed?: string;
  readonly isReady?: boolean;
  readonly run: () => Promise<unknown>;
  readonly onClose: () => void;
  /** After it was done. */
  readonly onDone?: () => void;
  readonly children?: ReactNode;
}

/** Something is to be done: what, a last look, and what went wrong. What the page shows is asked again after it. */
export function Confirm(props: ConfirmProps): JSX.Element {
  const { title, says, isDanger = false, typed, isReady = true, run, onClose, onDone, children } = props;
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run();
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong : new Error(String(wrong)));
      setBusy(false);
      return;
    }
    onClose();
    onDone?.();
    void queryClient.invalidateQueries();
  };
  return (
    <Dialog title={title} size="md" onClose={onClose}>
      <form
        className="confirm"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && (typed === undefined || said === typed)) void go();
        }}
      >
        {children}
        {typed !== undefined && (
          <TextInput
            label={
              <>
                Type <span className="mono">{typed}</span> to go on
              </>
            }
            value={said}
            onChange={(event) => setSaid(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {error !== null && <Wrong error={error} title="This was not done" />}
        <div className="confirm-buttons">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            variant="filled"
            {...(isDanger ? { color: "red.9" } : {})}
            loading={busy}
            disabled={!isReady || (typed !== undefined && said !== typed)}
          >
            {says}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
