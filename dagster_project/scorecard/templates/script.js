(function () {
  "use strict";
  var root = document.documentElement;
  document.getElementById("language").addEventListener("click", function () {
    var isEnglish = root.classList.toggle("show-en");
    root.lang = isEnglish ? "en" : "vi";
    document.querySelectorAll("[data-name-vi]").forEach(function (each) {
      each.setAttribute("aria-label", each.getAttribute(isEnglish ? "data-name-en" : "data-name-vi"));
    });
  });
})();
