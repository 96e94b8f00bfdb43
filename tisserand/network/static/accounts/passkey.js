// Passkeys are offered where the browser has them; what went wrong is said in the page.
(() => {
  if (!window.PublicKeyCredential) return;
  for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = false;
  for (const notice of document.querySelectorAll("[data-no-passkey]")) notice.hidden = true;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const notice = document.getElementById("cle-echec");
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
  });
})();
