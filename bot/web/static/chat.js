// The chat without reloading; the page works without this file, too.
"use strict";
(() => {
  const log = document.getElementById("log");
  const form = document.getElementById("compose");
  const box = form.elements.text;
  const send = form.querySelector("button");
  const words = form.dataset;

  function row(side, who) {
    const element = document.createElement("div");
    element.className = "row " + side;
    const name = document.createElement("span");
    name.className = "who";
    name.textContent = who;
    const bubble = document.createElement("div");
    bubble.className = "bubble";
    element.append(name, bubble);
    log.append(element);
    toEnd();
    return bubble;
  }

  function toEnd() {
    log.scrollTop = log.scrollHeight;
  }

  async function copied(text) {
    // Browsers give the clipboard to https and to this machine only; the old way works elsewhere.
    if (navigator.clipboard) {
      return navigator.clipboard.writeText(text).then(() => true, () => false);
    }
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  async function post(text) {
    row("you", words.you).textContent = text;
    const answer = row("bot", words.bot);
    answer.textContent = words.waiting;
    send.disabled = true;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text }),
      });
      // The server escapes every value; the page's policy runs no script that came in here.
      answer.innerHTML = (await response.json()).html;
    } catch {
      answer.textContent = words.failed;
    } finally {
      send.disabled = false;
      for (const image of answer.querySelectorAll("img")) {
        image.addEventListener("load", toEnd);
      }
      toEnd();
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value;
    if (!text.trim() || send.disabled) return;
    box.value = "";
    post(text);
    box.focus();
  });

  box.addEventListener("keydown", (event) => {
    // Enter sends; with Shift, or while an input method composes, it does not.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  log.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!send.disabled) post(event.submitter.value);
  });

  log.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const label = button.textContent;
    if (!(await copied(button.dataset.copy))) return;
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = label; }, 1500);
  });

  toEnd();
})();
