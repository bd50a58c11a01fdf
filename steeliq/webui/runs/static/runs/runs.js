"use strict";
// The end of the log stays in view while the log grows, unless the reader has scrolled up.
(() => {
  const log = () => document.querySelector("#live pre");
  let follows = true;
  const atEnd = (pre) => pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
  const follow = () => { const pre = log(); if (pre && follows) pre.scrollTop = pre.scrollHeight; };
  document.addEventListener("scroll", (event) => { if (event.target === log()) follows = atEnd(event.target); }, true);
  document.addEventListener("htmx:after:settle", follow);
  document.addEventListener("DOMContentLoaded", follow);
})();
