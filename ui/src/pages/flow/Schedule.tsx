import { Button, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useReasonAgainst } from "../../api/session";
import { cronWords, scheduleWords } from "../../lib/schedule";
import { duration } from "../../lib/time";
import { Confirm } from "../../parts/Confirm";
import { Empty } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Flow, OWN_SCHEDULE, SCHEDULE_OFF, SCHEDULE_ON, SET_SCHEDULE } from "./questions";

type Asked = "pause" | "resume" | "change" | "own";

/** When runs of the flow start, in words, and whether they do. */
export function Schedule({ flow }: { readonly flow: Flow }): JSX.Element {
  const [asked, setAsked] = useState<Asked | null>(null);
  const reason = useReasonAgainst("user") ?? (flow.archived ? "An archived version is not scheduled." : null);
  const isOfSettings = flow.flow_group?.schedule !== null && flow.flow_group?.schedule !== undefined;
  const words = scheduleWords(flow.flow_group?.schedule ?? flow.schedule);
  const close = () => setAsked(null);
  return (
    <Section
      title="Schedule"
      more={words.length === 0 ? undefined : flow.is_schedule_active ? "active" : <b className="paused">paused</b>}
    >
      {words.length === 0 ? (
        <Empty title="It has no schedule">It runs when somebody or something makes a run of it.</Empty>
      ) : (
        <ul className="plain schedule-words">
          {words.map((said) => (
            <li key={said}>{said}</li>
          ))}
          {isOfSettings && <li className="faint">from the settings, in place of what the flow's code says</li>}
        </ul>
      )}
      <div className="section-buttons">
        {words.length > 0 && (
          <Button
            disabled={reason !== null}
            onClick={() => setAsked(flow.is_schedule_active ? "pause" : "resume")}
            title={reason ?? undefined}
          >
            {flow.is_schedule_active ? "Pause" : "Resume"}
          </Button>
        )}
        <Button disabled={reason !== null} onClick={() => setAsked("change")} title={reason ?? undefined}>
          {words.length > 0 ? "Change …" : "Give it one …"}
        </Button>
        {isOfSettings && (
          <Button variant="subtle" disabled={reason !== null} onClick={() => setAsked("own")}>
            Use the one of its code …
          </Button>
        )}
        {reason !== null && <span className="soft">{reason}</span>}
      </div>
      {asked === "pause" && (
        <Confirm title="Pause the schedule" says="Pause" run={() => ask(SCHEDULE_OFF, { id: flow.id })} onClose={close}>
          <p className="soft">
            What it has planned and nobody has taken yet disappears. Runs that run are not touched.
          </p>
        </Confirm>
      )}
      {asked === "resume" && (
        <Confirm
          title="Resume the schedule"
          says="Resume"
          run={() => ask(SCHEDULE_ON, { id: flow.id })}
          onClose={close}
        >
          <p className="soft">Runs are planned from now on. What was left out meanwhile is not made up for.</p>
        </Confirm>
      )}
      {asked === "own" && (
        <Confirm
          title="Use the schedule of the code"
          says="Use it"
          run={() => ask(OWN_SCHEDULE, { group: flow.flow_group_id })}
          onClose={close}
        >
          <p className="soft">Each version then runs by the schedule that it was registered with, if it has one.</p>
        </Confirm>
      )}
      {asked === "change" && <Change flow={flow} onClose={close} />}
    </Section>
  );
}

const UNITS = { minutes: 60, hours: 3600, days: 86_400 } as const;
type Unit = keyof typeof UNITS;

function Change({ flow, onClose }: { readonly flow: Flow; readonly onClose: () => void }): JSX.Element {
  const [kind, setKind] = useState<"cron" | "interval">("cron");
  const [cron, setCron] = useState("0 9 * * 1-5");
  const [every, setEvery] = useState<number | string>(1);
  const [unit, setUnit] = useState<Unit>("hours");
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const words = cronWords(cron);
  const seconds = Number(every) * UNITS[unit];
  const isReady = kind === "cron" ? words !== null : Number.isInteger(seconds) && seconds > 0;
  const clocks = kind === "cron" ? { cron_clocks: [{ cron }] } : { interval_clocks: [{ interval: seconds }] };
  const run = async () => {
    await ask(SET_SCHEDULE, { input: { flow_group_id: flow.flow_group_id, timezone: zone, ...clocks } });
    if (!flow.is_schedule_active) await ask(SCHEDULE_ON, { id: flow.id });
  };
  return (
    <Confirm title="Schedule" says="Set and start it" isReady={isReady} run={run} onClose={onClose}>
      <SegmentedControl
        aria-label="By what"
        data={[
          { value: "cron", label: "Cron" },
          { value: "interval", label: "Every so often" },
        ]}
        value={kind}
        onChange={(value) => setKind(value as "cron" | "interval")}
      />
      {kind === "cron" ? (
        <TextInput
          label="Cron expression"
          value={cron}
          onChange={(event) => setCron(event.currentTarget.value)}
          error={words === null && "This is no cron expression."}
          description={words}
          data-autofocus
        />
      ) : (
        <div className="interval">
          <NumberInput label="Every" size="xs" value={every} min={1} allowDecimal={false} onChange={setEvery} />
          <Select
            label="Unit"
            data={Object.keys(UNITS)}
            value={unit}
            onChange={(value) => setUnit((value ?? "hours") as Unit)}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
          />
          {isReady && <span className="soft">{duration(seconds * 1000)} from one to the next</span>}
        </div>
      )}
      <TextInput
        label="Time zone"
        description="Whose clock it follows, also when that clock is changed"
        value={zone}
        onChange={(event) => setZone(event.currentTarget.value)}
      />
      <p className="soft">It takes the place of what the flow's code says, for every version of the flow.</p>
    </Confirm>
  );
}
