(function () {
  "use strict";
  var root = document.documentElement;
  var parts = Array.prototype.slice.call(document.querySelectorAll("main details"));

  document.getElementById("language").addEventListener("click", function () {
    var isEnglish = root.classList.toggle("show-en");
    root.lang = isEnglish ? "en" : "vi";
    document.querySelectorAll("[data-name-vi]").forEach(function (each) {
      each.setAttribute("aria-label", each.getAttribute(isEnglish ? "data-name-en" : "data-name-vi"));
    });
  });

  // Everything is open as it comes. A phone begins with the leader's page alone; a link opens where it leads.
  if (window.matchMedia("(max-width: 640px)").matches) {
    parts.forEach(function (each) { each.open = false; });
  }
  function reveal(place) {
    var target = place && document.getElementById(place);
    if (!target) { return; }
    var own = target.querySelector("details");
    if (own) { own.open = true; }
    for (var each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") { each.open = true; }
    }
    target.scrollIntoView();
  }
  document.querySelectorAll("nav a").forEach(function (each) {
    each.addEventListener("click", function () { reveal(each.getAttribute("href").slice(1)); });
  });
  window.addEventListener("hashchange", function () { reveal(window.location.hash.slice(1)); });
  reveal(window.location.hash.slice(1));

  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = parts.filter(function (each) { return !each.open; });
    parts.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (each) { each.open = false; });
  });
})();
