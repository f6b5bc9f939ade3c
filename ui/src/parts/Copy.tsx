import { Button, SegmentedControl } from "@mantine/core";
import { type JSX, useEffect, useState } from "react";
import { copyText } from "../lib/copy";
import { LANGUAGES, type Language, type Snippets } from "../lib/snippets";
import { remember, remembered } from "../lib/storage";

const SAID_MILLISECONDS = 2000;

/** What came of copying, for a moment. */
export function useCopied(): [said: string, copyNow: (text: string, what: string) => void] {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [said]);
  const copyNow = (text: string, what: string) =>
    void copyText(text).then((done) => setSaid(done ? `${what} copied` : `The browser did not let ${what} be copied`));
  return [said, copyNow];
}

/** Programs that give what is on screen. */
export function Snippet({ of }: { readonly of: Snippets }): JSX.Element {
  const known = LANGUAGES.find((language) => language === remembered("snippet"));
  const [language, setLanguage] = useState<Language>(known ?? "Python");
  const [said, copyNow] = useCopied();
  return (
    <div className="snippet">
      <div className="snippet-tools">
        <SegmentedControl
          aria-label="Language"
          data={[...LANGUAGES]}
          value={language}
          onChange={(value) => {
            setLanguage(value as Language);
            remember("snippet", value);
          }}
        />
        <Button onClick={() => copyNow(of[language], "Snippet")}>Copy</Button>
        <span role="status" className="soft">
          {said}
        </span>
      </div>
      {/* It scrolls, so it can be reached by keyboard. */}
      <pre tabIndex={0} aria-label={`What is on screen, in ${language}`}>
        {of[language]}
      </pre>
    </div>
  );
}
