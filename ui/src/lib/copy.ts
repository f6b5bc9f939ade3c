/** Put a text where it can be pasted; whether the browser let us. It does so on this machine and over TLS only. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
