import React from "react";

// The view.
export const View = () => (
  <section>
    <h1>{"// text"}</h1>
  </section>
);
