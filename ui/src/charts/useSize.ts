import { type RefObject, useLayoutEffect, useState } from "react";

/** How large an element is, followed. */
export function useSize(of: RefObject<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = of.current;
    if (element === null) return;
    const read = () =>
      setSize((former) =>
        former.width === element.clientWidth && former.height === element.clientHeight
          ? former
          : { width: element.clientWidth, height: element.clientHeight },
      );
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => observer.disconnect();
  }, [of]);
  return size;
}
