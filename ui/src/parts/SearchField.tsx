import { CloseButton, TextInput } from "@mantine/core";
import { type JSX, useEffect, useRef, useState } from "react";

interface SearchFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly width?: string;
}

const SETTLED_MILLISECONDS = 250;

/** Words to search for; told when the typing has settled. */
export function SearchField({ label, value, onChange, width = "14rem" }: SearchFieldProps): JSX.Element {
  const [typed, setTyped] = useState(value ?? "");
  const told = useRef(value ?? "");
  // The address may change by other ways: back, or a link.
  useEffect(() => {
    if ((value ?? "") !== told.current) {
      told.current = value ?? "";
      setTyped(value ?? "");
    }
  }, [value]);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      told.current = typed;
      latest.current(typed === "" ? undefined : typed);
    }, SETTLED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={typed}
      w={width}
      onChange={(event) => setTyped(event.currentTarget.value)}
      rightSection={
        typed !== "" && <CloseButton size="xs" aria-label={`Clear: ${label}`} onClick={() => setTyped("")} />
      }
    />
  );
}
