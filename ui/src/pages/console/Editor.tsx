import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type JSX, type RefObject, useEffect, useRef } from "react";

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword], color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--warn)" },
  { tag: [tags.propertyName, tags.attributeName], color: "var(--ink)" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--warn)" },
  { tag: tags.comment, color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.bracket, tags.separator], color: "var(--ink-soft)" },
]);

const LOOKS = EditorView.theme({
  "&": { height: "100%", fontSize: "0.75rem", backgroundColor: "var(--paper-raised)", color: "var(--ink)" },
  // Drawn around the whole place, gutters too: console.css.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--paper-raised)", color: "var(--ink-faint)", border: "none" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--accent-wash) !important",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-wash)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-wash) !important", outline: "1px solid var(--line-strong)" },
  ".cm-tooltip": {
    backgroundColor: "var(--paper-raised)",
    border: "1px solid var(--line-strong)",
    color: "var(--ink)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-wash)",
    color: "var(--ink)",
  },
  ".cm-completionDetail": { color: "var(--ink-soft)", fontStyle: "normal" },
  ".cm-completionInfo": { fontFamily: "var(--face)", maxWidth: "24rem" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--accent-wash)",
    border: "1px solid var(--line-strong)",
    color: "var(--ink-soft)",
  },
  ".cm-panels": { backgroundColor: "var(--paper-sunk)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-textfield, .cm-button": {
    backgroundColor: "var(--paper-raised)",
    backgroundImage: "none",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
  },
  ".cm-diagnostic": { fontFamily: "var(--face)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--danger)" },
});

interface EditorProps {
  readonly label: string;
  readonly value: string;
  readonly onChange?: (value: string) => void;
  /** What this text is written in, and what its keys do; read when the editor is made. */
  readonly extensions: readonly Extension[];
  readonly isReadOnly?: boolean;
  readonly faults?: readonly Diagnostic[] | undefined;
  readonly view?: RefObject<EditorView | null>;
}

/** A text of code: coloured, folded, searched, and edited where it may be. Tab leaves it, as it leaves any field. */
export function Editor(props: EditorProps): JSX.Element {
  const { label, value, onChange, extensions, isReadOnly = false, faults, view: given } = props;
  const place = useRef<HTMLDivElement>(null);
  const own = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const first = useRef({ value, extensions });
  useEffect(() => {
    if (place.current === null) return;
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current.value,
        extensions: [
          ...first.current.extensions,
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          search({ top: true }),
          highlightSelectionMatches(),
          syntaxHighlighting(COLOURS),
          LOOKS,
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorState.readOnly.of(isReadOnly),
          // What is only read is still reached, searched and folded by keys.
          // A question is written to be read; an answer keeps its lines, so that its depth shows.
          ...(isReadOnly ? [] : [EditorView.lineWrapping]),
          ...(isReadOnly ? [EditorView.contentAttributes.of({ "aria-readonly": "true" })] : []),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...lintKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    own.current = view;
    if (given !== undefined) given.current = view;
    return () => {
      view.destroy();
      own.current = null;
      if (given !== undefined) given.current = null;
    };
  }, [label, isReadOnly, given]);
  useEffect(() => {
    const view = own.current;
    if (view === null || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const view = own.current;
    if (view !== null && faults !== undefined) view.dispatch(setDiagnostics(view.state, faults));
  }, [faults]);
  return <div className="console-editor" ref={place} />;
}
