// Long texts leave the browser as a stream, in parts: one message of a circuit may have 32 KB.
export const take = (area) => new Blob([area.value]);
