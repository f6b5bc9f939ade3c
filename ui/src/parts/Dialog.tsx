import { CloseButton, Modal } from "@mantine/core";
import type { JSX, ReactNode } from "react";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly size?: string;
  /** The title is for those who do not see the dialog. */
  readonly isTitleHidden?: boolean;
  /** It cannot be left undone. */
  readonly isForced?: boolean;
  readonly children: ReactNode;
}

/** A dialog over the page, as long as it is there; Escape closes it. */
export function Dialog(props: DialogProps): JSX.Element {
  const { title, onClose, size = "lg", isTitleHidden = false, isForced = false, children } = props;
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={size}
      yOffset="12vh"
      closeOnEscape={!isForced}
      closeOnClickOutside={!isForced}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={title}>
        <Modal.Body>
          {!isTitleHidden && (
            <div className="dialog-head">
              <h2>{title}</h2>
              {!isForced && <CloseButton aria-label="Close" onClick={onClose} />}
            </div>
          )}
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
