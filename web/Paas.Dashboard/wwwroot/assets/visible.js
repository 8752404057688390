// Looks every ten seconds while the page is visible: Controls/WhileVisible.razor is its host.
const EVERY = 10_000;

export function watch(host) {
  let [looking, last] = [false, Date.now()];
  const look = async () => {
    if (document.hidden || looking || document.documentElement.hasAttribute("data-away")) return;
    [looking, last] = [true, Date.now()];
    try {
      await host.invokeMethodAsync("LookAsync");
    } catch {
      // The circuit is away; the next look may find it again.
    } finally {
      looking = false;
    }
  };
  const shown = () => { if (Date.now() - last >= EVERY) look(); };
  const timer = setInterval(look, EVERY);
  document.addEventListener("visibilitychange", shown);
  return {
    dispose() {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", shown);
    },
  };
}
