// How strictly html-validate judges our pages: its recommended rules, all as errors. What is set otherwise says why.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // A matter of taste: ours is in small letters everywhere.
    "doctype-style": ["error", { style: "lowercase" }],
    // Boxes to tick that belong together share a name, as buttons to choose one of many do.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "submit"] }],
    // A title has the thread's subject or what was searched for, and those are as long as they are.
    "long-title": "off",
    // Programs know a page of results by its h3.section_title; its role and level make it the heading that it is.
    "no-redundant-role": "off",
    // Programs look for div#main and div.paginate, as FoolFuuka has them; a box that scrolls is no part of the text.
    "prefer-native-element": ["error", { exclude: ["main", "navigation", "region"] }],
    // A parser puts the rows of a table into a body by itself.
    "prefer-tbody": "off",
    // The id of a post is its number: that is what links from everywhere lead to.
    "valid-id": ["error", { relaxed: true }],
  },
};
