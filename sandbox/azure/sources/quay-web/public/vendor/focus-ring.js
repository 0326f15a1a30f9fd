// focus-ring 2.0, copied. Shows the ring for keys and hides it for the mouse.
(function () {
  function set(on) {
    document.documentElement.classList.toggle("keys", on);
  }
  addEventListener("keydown", function () { set(true); });
  addEventListener("pointerdown", function () { set(false); });
})();
