import { TextInput } from "@mantine/core";
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
} from "graphql";
import { type JSX, useMemo, useState } from "react";

export interface Looked {
  readonly type: string;
  readonly field?: string | undefined;
}

interface DocsProps {
  readonly schema: GraphQLSchema;
  /** What is looked up: the last one is shown, the others lead back. */
  readonly trail: readonly Looked[];
  readonly onTrail: (trail: readonly Looked[]) => void;
}

const MOST_FOUND = 80;

/** Everything that can be asked for: searched by name, and followed from type to type. */
export function Docs({ schema, trail, onTrail }: DocsProps): JSX.Element {
  const [sought, setSought] = useState("");
  const index = useMemo(() => indexOf(schema), [schema]);
  const words = sought.trim().toLowerCase();
  const found = words === "" ? [] : index.filter(({ letters }) => letters.includes(words));
  // What is called so comes before what only has it somewhere in its name.
  const ranked = found.toSorted((one, other) => rank(one.letters, words) - rank(other.letters, words));
  const go = (looked: Looked) => {
    setSought("");
    onTrail([...trail, looked]);
  };
  return (
    <section className="console-docs" aria-label="Documentation" tabIndex={0}>
      <TextInput
        aria-label="Search the schema"
        placeholder="A type or a field"
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = ranked;
          if (event.key === "Enter" && first !== undefined) {
            event.preventDefault();
            go(first);
          }
        }}
      />
      {words !== "" ? (
        <ul className="console-found" aria-label="Found in the schema">
          {ranked.slice(0, MOST_FOUND).map(({ type, field }) => (
            <li key={`${type}.${field ?? ""}`}>
              <Leads to={{ type, field }} onGo={go}>
                {field === undefined ? type : field}
              </Leads>
              {field !== undefined && <span className="faint"> of {type}</span>}
            </li>
          ))}
          {found.length === 0 && <li className="soft">Nothing is called so.</li>}
          {found.length > MOST_FOUND && <li className="soft">and {found.length - MOST_FOUND} more</li>}
        </ul>
      ) : (
        <>
          {trail.length > 0 && (
            <nav className="console-trail" aria-label="Looked up">
              <button type="button" onClick={() => onTrail([])}>
                schema
              </button>
              {trail.slice(-4).map((step, at, shown) => (
                <button
                  // biome-ignore lint/suspicious/noArrayIndexKey: a trail may come by a type twice
                  key={at}
                  type="button"
                  aria-current={at === shown.length - 1 ? "page" : undefined}
                  onClick={() => onTrail(trail.slice(0, trail.length - shown.length + at + 1))}
                >
                  {step.type}
                </button>
              ))}
            </nav>
          )}
          <Shown schema={schema} looked={trail.at(-1)} onGo={go} />
        </>
      )}
    </section>
  );
}

interface Indexed extends Looked {
  readonly letters: string;
}

function indexOf(schema: GraphQLSchema): Indexed[] {
  const found: Indexed[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    found.push({ type: type.name, letters: type.name.toLowerCase() });
    if (isObjectType(type) || isInputObjectType(type)) {
      for (const field of Object.keys(type.getFields())) {
        found.push({ type: type.name, field, letters: field.toLowerCase() });
      }
    }
  }
  return found;
}

function rank(letters: string, words: string): number {
  return letters === words ? 0 : letters.startsWith(words) ? 1 : 2;
}

interface LeadsProps {
  readonly to: Looked;
  readonly onGo: (looked: Looked) => void;
  readonly children: string;
}

function Leads({ to, onGo, children }: LeadsProps): JSX.Element {
  return (
    <button type="button" className="console-leads" onClick={() => onGo(to)}>
      {children}
    </button>
  );
}

interface ShownProps {
  readonly schema: GraphQLSchema;
  readonly looked: Looked | undefined;
  readonly onGo: (looked: Looked) => void;
}

function Shown({ schema, looked, onGo }: ShownProps): JSX.Element {
  if (looked === undefined) {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    return (
      <ul className="console-found" aria-label="Roots of the schema">
        {roots.map(
          (root, at) =>
            root && (
              <li key={root.name}>
                <Leads to={{ type: root.name }} onGo={onGo}>
                  {root.name}
                </Leads>
                <span className="faint"> {["asks", "changes", "follows"][at]}</span>
              </li>
            ),
        )}
      </ul>
    );
  }
  const type = schema.getType(looked.type);
  if (type === undefined) return <p className="soft">There is no such type any more.</p>;
  return (
    <>
      <h3 className="console-type">{type.name}</h3>
      {type.description && <p>{type.description}</p>}
      {isScalarType(type) && <p className="soft">A plain value.</p>}
      {isEnumType(type) && (
        <ul className="console-found">
          {type.getValues().map((value) => (
            <li key={value.name}>
              <code>{value.name}</code> {value.description && <span className="soft">{value.description}</span>}
            </li>
          ))}
        </ul>
      )}
      {(isObjectType(type) || isInputObjectType(type)) && (
        <dl className="console-fields">
          {Object.values(type.getFields())
            .toSorted((one, other) => Number(other.name === looked.field) - Number(one.name === looked.field))
            .map((field) => (
              <div key={field.name} data-looked={field.name === looked.field || undefined}>
                <dt>
                  <code>{field.name}</code>: <TypeOf of={field} onGo={onGo} />
                </dt>
                {field.description && <dd>{field.description}</dd>}
                {"args" in field && field.args.length > 0 && (
                  <dd>
                    {field.args.map((argument: GraphQLArgument) => (
                      <div key={argument.name} className="console-argument">
                        <code>{argument.name}</code>: <TypeOf of={argument} onGo={onGo} />{" "}
                        {argument.description && <span className="soft">{argument.description}</span>}
                      </div>
                    ))}
                  </dd>
                )}
              </div>
            ))}
        </dl>
      )}
    </>
  );
}

interface TypeOfProps {
  readonly of: Pick<GraphQLArgument | GraphQLInputField, "type"> | { readonly type: unknown };
  readonly onGo: (looked: Looked) => void;
}

function TypeOf({ of, onGo }: TypeOfProps): JSX.Element {
  const name = getNamedType(of.type as Parameters<typeof getNamedType>[0])?.name ?? String(of.type);
  const [before, after] = String(of.type).split(name);
  return (
    <span className="console-typed">
      {before}
      <Leads to={{ type: name }} onGo={onGo}>
        {name}
      </Leads>
      {after}
    </span>
  );
}
