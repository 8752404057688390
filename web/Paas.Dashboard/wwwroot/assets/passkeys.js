// Forms that make or use a passkey (WebAuthn): asks control for a challenge, the device for its answer, and sends the form with it.
const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential.parseCreationOptionsFromJSON;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  // Browsers offer passkeys on HTTPS and on localhost only; elsewhere the form stays away.
  form.hidden = !able;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say(form, null);
    try {
      const { ticket, options } = await challenge(form);
      form.elements.ticket.value = ticket;
      form.elements.credential.value = JSON.stringify(await answer(form.dataset.passkey, JSON.parse(options)));
      form.submit();
    } catch (error) {
      say(form, sentence(error));
      button.disabled = false;
    }
  });
}

async function challenge(form) {
  const response = await fetch(form.dataset.options, {
    method: "POST",
    headers: { RequestVerificationToken: form.elements.__RequestVerificationToken.value, Accept: "application/json" },
  });
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? "This page is out of date: load it again.");
  return response.json();
}

async function answer(kind, options) {
  const credential = kind === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return credential.toJSON();
}

function sentence(error) {
  if (error.name === "NotAllowedError") return "Your device did not confirm. Try again, or use another way in.";
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (error.name === "SecurityError") return "Passkeys need HTTPS and a name: they do not work at this address.";
  return error.message;
}

function say(form, text) {
  const note = form.querySelector("[role=alert]");
  note.hidden = text === null;
  note.textContent = text ?? "";
}
