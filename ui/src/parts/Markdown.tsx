import DOMPurify from "dompurify";
import { Marked } from "marked";
import { type JSX, useMemo } from "react";

// Pictures from elsewhere are not loaded: whoever wrote the text would learn who reads it, and when.
const ALLOWED_TAGS = [
  ..."a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li".split(
    " ",
  ),
  ..."mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var".split(" "),
];
const ALLOWED_ATTRIBUTES = ["href", "title", "alt", "src", "align", "colspan", "rowspan", "start", "open", "checked"];

// The browser complains of what would be run already where a text is read, before it is made safe.
const HANDLERS = /[\s/]on[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi;
const marked = new Marked({ gfm: true, renderer: { html: ({ text }) => text.replace(HANDLERS, " ") } });

/** What is safe of a text in markdown, as HTML. */
export function safe(markdown: string): string {
  const html = marked.parse(markdown, { async: false });
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR: ALLOWED_ATTRIBUTES,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of clean.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  for (const image of clean.querySelectorAll("img")) {
    if (image.src.startsWith("data:")) continue;
    const link = document.createElement("a");
    link.textContent = `picture: ${image.alt || image.src}`;
    if (image.src !== "") {
      link.href = image.src;
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
    image.replaceWith(link);
  }
  // Boxes of lists of things to do are only looked at.
  for (const box of clean.querySelectorAll("input")) {
    const sign = document.createElement("span");
    sign.textContent = box.hasAttribute("checked") ? "☑" : "☐";
    box.replaceWith(sign);
  }
  const holder = document.createElement("div");
  holder.append(clean);
  return holder.innerHTML;
}

/** A text of people's making in markdown: nothing in it acts. */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  const html = useMemo(() => safe(text), [text]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it was made safe
  return <div className="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
