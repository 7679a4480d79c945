"use strict";

(() => {
  const STEP = 100;
  const MOST_PRINTED = 500;
  const RECENT_DAYS = 90;
  const NONE = "(none)";
  const NOT_ASKED = "(not looked up)";
  const KINDS = ["Password", "Keys", "Certs", "MFA"];
  const RESULTS = {
    exposed: "Exposed", partial: "Partial", unreachable: "Unreachable", hardened: "Hardened",
    clean: "Clean", management: "Management", not_active: "Not active",
  };
  const ORDER = Object.keys(RESULTS);
  const MARKS = { pass: "✓", fail: "✗", unknown: "?" };
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  const urgency = (account) => (account.attention ? 0 : 10) + ORDER.indexOf(account.result);
  const presence = (account, kind) => (account.has ? (account.has[kind] ? 0 : 2) : 1);

  const accountCell = (account) => {
    const unit = account.unit ? [element("small", "", account.unit)] : [];
    const address = element("a", "", account.id);
    address.href = `#${account.id}`;
    const owner = account.owner ? [element("small", "", `Owner: ${account.owner}`)] : [];
    return [element("span", "name", account.name || "No name"), element("small", "", address), ...unit, ...owner];
  };

  const resultCell = (account) => {
    const onPurpose = account.exempt || (account.window && !account.attention) ? " on-purpose" : "";
    const cell = [element("span", `badge ${account.result}${onPurpose}`, RESULTS[account.result])];
    const since = account.result === "exposed" ? "since" : "exposed since";
    if (account.since) cell.push(element("small", "", `${since} ${account.since.slice(0, 10)}`));
    if (account.code) {
      const code = element("small", "", account.code);
      code.title = account.message || "";
      cell.push(code);
    }
    if (account.path) {
      const path = element("small", "", `Alarm path: ${account.path}`);
      path.title = account.paths;
      cell.push(path);
    }
    return cell;
  };

  const tickCell = (kind) => (account) => {
    const [mark, said, className] = [["✓", "exists", "yes"], ["?", "not known", "unknown"], ["–", "none", "no"]][presence(account, kind)];
    const tick = element("span", className, mark);
    tick.title = `${KINDS[kind]}: ${said}`;
    tick.setAttribute("role", "img");
    tick.setAttribute("aria-label", tick.title);
    return [tick];
  };

  const [NEVER, UNKNOWN] = ["never", "unknown"];
  const keysUsed = (account) => account.keysUsed || [];
  const uses = (account) => [account.passwordUsed, ...keysUsed(account)].filter(Boolean);
  const lastUsed = (account) => uses(account).filter((use) => use !== NEVER && use !== UNKNOWN).sort().at(-1) || "";
  const inWords = (use) => (use === UNKNOWN ? "not known" : use.slice(0, 10));

  const useCell = (account) => {
    const cell = [["Password", account.passwordUsed], ...keysUsed(account).map((use) => ["Key", use])].filter(([, use]) => use);
    return cell.length
      ? cell.map(([what, use]) => element("small", "", `${what}: ${inWords(use)}`))
      : [element("span", "no", "–")];
  };

  const exemptionCell = (account) => {
    const cell = [];
    if (account.exempt) cell.push(`Until ${account.exempt}`, element("small", "", account.why || ""));
    if (account.window) cell.push(element("small", "", `Recovery window until ${account.window}`));
    return cell.length ? cell : [element("span", "no", "–")];
  };

  const timed = (time) => {
    const shown = element("span", "", time.slice(0, 10));
    shown.title = `${time} UTC`;
    return shown;
  };

  const stateCell = (account) => {
    const words = (account.state || "unknown").toLowerCase().replaceAll("_", " ");
    return [words[0].toUpperCase() + words.slice(1)];
  };

  const dateCell = (field) => (account) =>
    account[field]
      ? [timed(account[field])]
      : [element("span", "never", "never")];

  const controlsCell = (account) => account.controls.map((status, index) => {
    const { id, cis } = data.controls[index];
    const control = element("span", `control ${status}`, `${MARKS[status]} ${id}`);
    control.title = `${id} (${cis}): ${status === "unknown" ? "not known" : status}`;
    return control;
  });

  const text = (field) => (account) => (account[field] || "").toLowerCase();
  const failures = (account) => -account.controls.filter((status) => status === "fail").length * 10
    - account.controls.filter((status) => status === "unknown").length;
  const usesAreThere = data.accounts.some((account) => account.has && uses(account).length);
  const COLUMNS = [
    { label: "Account", cell: accountCell, key: (account) => (account.name || account.id).toLowerCase() },
    { label: "State", cell: stateCell, key: text("state"), className: "state" },
    { label: "Result", cell: resultCell, key: urgency },
    ...KINDS.map((label, kind) => ({ label, cell: tickCell(kind), key: (account) => presence(account, kind), className: "tick" })),
    ...(usesAreThere ? [{ label: "Last use", cell: useCell, key: lastUsed, className: "use" }] : []),
    { label: "Exemption", cell: exemptionCell, key: (account) => account.exempt || account.window || "~", className: "exemption" },
    { label: "Last hardened", cell: dateCell("hardened"), key: text("hardened"), className: "date" },
    { label: "Last seen", cell: dateCell("proven"), key: text("proven"), className: "date" },
    { label: "Controls", cell: controlsCell, key: failures, className: "all-controls" },
  ];

  const state = { column: 2, descending: false, shown: STEP, matching: [], sought: "" };
  const searched = new Map(data.accounts.map((account) => [account,
    [account.name, account.id, account.unit, account.why, account.code, account.state, account.owner, account.path && `path ${account.path}`].filter(Boolean).join("\n").toLowerCase()]));

  const hasResult = (account, wanted) => {
    if (!wanted) return true;
    if (wanted === "attention") return Boolean(account.attention);
    if (wanted === "proven") return account.result === "clean" || account.result === "hardened";
    if (wanted === "exempt") return Boolean(account.exempt);
    return account.result === wanted;
  };

  const hasCredentials = (account, wanted) => {
    if (!wanted) return true;
    if (wanted === "unknown") return !account.has;
    if (wanted === "none") return Boolean(account.has) && !account.has.includes(true);
    return Boolean(account.has) && account.has[Number(wanted)];
  };

  const finished = Date.parse(data.finished);
  const hasUse = (account, wanted) => {
    if (!wanted) return true;
    const [found, last] = [uses(account), lastUsed(account)];
    if (last && finished - Date.parse(last) <= RECENT_DAYS * 86400000) return wanted === "recent";
    // One use that is not known may be later than all that are.
    if (found.includes(UNKNOWN)) return wanted === UNKNOWN;
    return wanted === (last ? "old" : found.length ? NEVER : "");
  };
  const is = (field, missing = NONE) => (account, wanted) => !wanted || (account[field] || missing) === wanted;
  const FILTERS = { result: hasResult, credentials: hasCredentials, unit: is("unit"), owner: is("owner", NOT_ASKED), used: hasUse };

  const compare = (one, other) => (one < other ? -1 : Number(one > other));

  const select = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const { key } = COLUMNS[state.column];
    const sign = state.descending ? -1 : 1;
    state.matching = data.accounts
      .filter((account) => Object.entries(FILTERS).every(([id, matches]) => matches(account, byId(id).value))
        && words.every((word) => searched.get(account).includes(word)))
      .map((account) => [key(account), account])
      .sort((one, other) => sign * compare(one[0], other[0]) || compare(one[1].id, other[1].id))
      .map(([, account]) => account);
    state.shown = STEP;
    draw();
  };

  const rowOf = (account) => element("tr", account.id === state.sought ? "sought" : "", ...COLUMNS.map(({ label, cell, className }) => {
    const made = element("td", className, element("div", "", ...cell(account)));
    made.dataset.label = label;
    return made;
  }));

  const draw = () => {
    document.querySelector("#accounts tbody").replaceChildren(...state.matching.slice(0, state.shown).map(rowOf));
    const [rest, all] = [state.matching.length - state.shown, data.accounts.length];
    byId("count").textContent = `${state.matching.length.toLocaleString("en")} of ${all.toLocaleString("en")} accounts`;
    byId("more").hidden = rest <= 0;
    byId("more").textContent = `Show ${Math.min(rest, STEP)} more of ${rest.toLocaleString("en")}`;
    document.querySelectorAll("#accounts thead th").forEach((head, index) => {
      if (index === state.column) head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    document.querySelectorAll(".tile").forEach((tile) =>
      tile.setAttribute("aria-pressed", String(tile.dataset.filter === byId("result").value)));
  };

  const sortBy = (column) => {
    state.descending = column === state.column && !state.descending;
    state.column = column;
    byId("sort").value = String(column);
    select();
  };

  const resetFilters = () => ["search", ...Object.keys(FILTERS)].forEach((id) => { byId(id).value = ""; });

  // On paper thousands of rows help no one: a person reads those that need attention, a program the CSV.
  const prepareToPrint = () => {
    const all = state.matching;
    const urgent = all.filter((account) => account.attention);
    const printed = (all.length > MOST_PRINTED ? urgent : all).slice(0, MOST_PRINTED);
    document.querySelector("#accounts tbody").replaceChildren(...printed.map(rowOf));
    byId("printed").hidden = printed.length === all.length;
    byId("printed").textContent = `Printed are ${printed.length.toLocaleString("en")} of the`
      + ` ${urgent.length.toLocaleString("en")} accounts that need attention, of ${all.length.toLocaleString("en")} accounts.`
      + " All of them are in report.csv, beside this page.";
  };

  const seek = () => {
    const id = decodeURIComponent(location.hash.slice(1)).replaceAll("-", "");
    if (!/^[0-9]{12}$/.test(id)) return;
    state.sought = id;
    resetFilters();
    byId("search").value = id;
    select();
    document.querySelector(".accounts").scrollIntoView();
  };

  // A filter that would find nothing is not offered.
  const offer = (id, missing = NONE) => {
    const found = [...new Set(data.accounts.map((account) => account[id] || missing))].sort();
    byId(id).append(new Option("All", ""), ...found.map((value) => new Option(value, value)));
    byId(id).closest("label").hidden = found.length < 2;
  };
  offer("unit");
  offer("owner", NOT_ASKED);
  byId("owners").hidden = byId("owner").closest("label").hidden;
  byId("used").closest("label").hidden = !usesAreThere;

  COLUMNS.forEach(({ label }, index) => {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", () => sortBy(index));
    const head = element("th", "", button);
    head.scope = "col";
    head.dataset.label = label;
    document.querySelector("#accounts thead tr").append(head);
    byId("sort").append(new Option(label, String(index), index === state.column, index === state.column));
  });
  byId("sort").addEventListener("change", (event) => {
    state.column = -1;
    sortBy(Number(event.target.value));
  });
  byId("search").addEventListener("input", select);
  Object.keys(FILTERS).forEach((id) => byId(id).addEventListener("change", select));
  byId("more").addEventListener("click", () => {
    state.shown += STEP;
    draw();
  });
  document.querySelectorAll(".tile").forEach((tile) => tile.addEventListener("click", () => {
    resetFilters();
    byId("result").value = tile.dataset.filter;
    select();
    document.querySelector(".accounts").scrollIntoView();
  }));
  addEventListener("beforeprint", prepareToPrint);
  addEventListener("afterprint", () => {
    byId("printed").hidden = true;
    state.shown = STEP;
    draw();
  });
  addEventListener("hashchange", seek);
  select();
  seek();
})();
