/// <reference lib="dom" />

/** Copies a text. Where the browser does not allow it, the element that shows the text is selected and the answer is false. */
export async function copyText(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return document.execCommand('copy');
  }
}
