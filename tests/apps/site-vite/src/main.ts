const app: HTMLElement = document.getElementById("app")!;
app.textContent = `This is ${location.pathname}`;
