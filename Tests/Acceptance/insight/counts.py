"""Counts the reports of a brand anew with DuckDB, from the operational log and orders: another store, another engine, other statements."""

import json
import sqlite3
from datetime import date

import duckdb

# The demo brand's clocks show Shanghai's time, which has no summer time.
ZONE_MS = 8 * 3600 * 1000
DAY_MS = 86_400_000
VIEWS = "name in ('Page Viewed', 'Screen Viewed')"


def day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


class Counts:
    def __init__(self, store):
        self.duck = duckdb.connect()
        source = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        self._table("e0", "position bigint, profile bigint, name varchar, t bigint, total double, properties varchar, city varchar", (
            (position, profile, name, t, self._total(name, properties), properties, self._city(context))
            for position, profile, name, t, properties, context in source.execute(
                "select e.position, o.profile_id, e.name, e.time_ms, e.properties, e.context from event_log e join event_outcomes o "
                "on o.position = e.position where e.kind in ('track', 'page', 'screen') and o.profile_id <> 0")))
        self._table("p0", "id bigint, merged bigint, first_ms bigint, deleted bigint", source.execute(
            "select id, coalesce(merged_into, 0), first_seen_ms, coalesce(deleted_ms, 0) from profiles"))
        self._table("o0", "profile bigint, status varchar, t bigint, net bigint, pieces bigint, store varchar", source.execute(
            "select profile_id, status, ordered_ms, net_workspace, quantity, coalesce(store, '') from orders"))
        self.duck.execute(f"""
            create table w as with recursive r(id, owner) as (select id, id from p0 union all
                select r.id, p0.merged from r join p0 on p0.id = r.owner where p0.merged <> 0)
                select r.id, r.owner from r join p0 on p0.id = r.owner where p0.merged = 0;
            create table e as select position, owner as pid, name, t, total, properties, city, (t + {ZONE_MS}) // {DAY_MS} as day
                from e0 join w on w.id = e0.profile;
            create table o as select coalesce(owner, 0) as pid, t, net, pieces, store, (t + {ZONE_MS}) // {DAY_MS} as day
                from o0 left join w on w.id = o0.profile where status in ('completed', 'partially_refunded');
            create table p as select id as pid, (first_ms + {ZONE_MS}) // {DAY_MS} as first_day from p0
                where merged = 0 and deleted = 0""")

    def _table(self, name, columns, rows):
        self.duck.execute(f"create table {name} ({columns})")
        rows = list(rows)
        marks = ", ".join("?" for _ in columns.split(", "))
        if rows:
            self.duck.executemany(f"insert into {name} values ({marks})", rows)

    @staticmethod
    def _city(context):
        location = json.loads(context or "{}").get("location")
        return location.get("city", "") if isinstance(location, dict) else ""

    @staticmethod
    def _total(name, properties):
        if name != "Order Completed":
            return None
        value = json.loads(properties).get("total")
        return float(value) if isinstance(value, (int, float)) else None

    def rows(self, statement):
        return self.duck.execute(statement).fetchall()

    def traffic(self, first, last):
        """pv, uv, new, visits, bounced, engaged, seconds, converted, revenue."""
        views = self.rows(f"""select count(*), count(distinct pid), count(distinct pid) filter (first_day between {first} and {last})
            from e left join p using (pid) where {VIEWS} and day between {first} and {last}""")[0]
        visits = self.rows(f"""{self._visits(first, last)}
            select count(*), count(*) filter (views = 1), count(*) filter (engaged), sum(seconds), count(*) filter (orders_n > 0), sum(revenue)
            from v where day between {first} and {last}""")[0]
        return [float(value or 0) for value in views + visits]

    @staticmethod
    def _visits(first, last):
        """Visits of these days and those that began on the days beside them."""
        return f"""
            with a as (select pid, t, position as place, case when {VIEWS} then 1 when name = 'Session Started' then 3 else 0 end as y, 0 as v,
                case when name = 'Page Dwelt' then round(json_extract(properties, '$.seconds')::double * 10)::bigint else 0 end as tenths
                from e where day between {first} - 1 and {last} + 1
                union all select pid, t // 1000 * 1000, 0, 4, net, 0 from o where pid <> 0 and day between {first} - 1 and {last} + 1),
            b as (select *, case when t - lag(t, 1, 0) over (partition by pid order by t, place) > 1800000 or y = 3 then 1 else 0 end as s from a),
            g as (select *, sum(s) over (partition by pid order by t, place rows unbounded preceding) as n from b),
            v as (select pid, n, min(t) as b, max(t) as f, count(*) filter (y = 1) as views, count(*) filter (y = 4) as orders_n,
                greatest(sum(tenths)::bigint // 10, (f - b) // 1000) as seconds,
                coalesce(sum(v) filter (y = 4), 0) as revenue, views > 1 or orders_n > 0 or seconds >= 10 as engaged,
                (b + {ZONE_MS}) // {DAY_MS} as day, (b + {ZONE_MS}) // 3600000 % 24 as hour from g group by pid, n having views > 0)"""

    def revisits(self, first, last):
        """{days since the visit before: visits}"""
        return {int(gap): float(visits) for gap, visits in self.rows(f"""{self._visits(first - 365, last)},
            d as (select day, day - lag(day) over (partition by pid order by day) as gap from v where day between {first} - 365 and {last})
            select gap, count(*) from d where gap is not null and day >= {first} group by gap""")}

    def touchpoints(self, first, last, weight=20):
        """{hour: (rate drawn towards that of all, visits, answered)} with engaged visits for answers."""
        rows = self.rows(f"""{self._visits(first, last)}
            select hour, count(*), count(*) filter (engaged) from v where day between {first} and {last} group by hour""")
        base = sum(row[2] for row in rows) / sum(row[1] for row in rows)
        return {str(hour): [(weight * base + good) / (weight + visits), float(visits), float(good)] for hour, visits, good in rows}

    def scenes(self, first, last):
        """{scene: (days of people, days with an order completed, people)}; the scene of all days is empty."""
        return {scene: [float(value) for value in rest] for scene, *rest in self.rows(f"""
            with s as (select distinct pid, day from o where store <> '' and pid <> 0 union select distinct pid, day from e where name = 'Store Visited'),
            x as (select pid, day, max((name = 'Order Completed')::int) as hit, list(distinct (t + {ZONE_MS}) // 3600000 % 24) as hours
                from e where day between {first} and {last} group by pid, day),
            y as (select x.pid, hit, list_concat(
                ['', case when (x.day + 3) % 7 >= 5 then 'weekend' else 'working_day' end,
                 case month(date '1970-01-01' + x.day::int) when 12 then 'winter' when 1 then 'winter' when 2 then 'winter' when 3 then 'spring'
                    when 4 then 'spring' when 5 then 'spring' when 6 then 'summer' when 7 then 'summer' when 8 then 'summer' else 'autumn' end],
                list_distinct(list_transform(hours, lambda h: case when h < 6 then 'night' when h < 11 then 'morning' when h < 14 then 'midday'
                    when h < 18 then 'afternoon' else 'evening' end)),
                case when s.pid is null then [] else ['in_store'] end) as scenes
                from x left join s on s.pid = x.pid and s.day = x.day)
            select scene, count(*), sum(hit), count(distinct pid) filter (hit = 1) from (select pid, hit, unnest(scenes) as scene from y) group by scene""")}

    def clicks(self, page, first, last):
        """Clicks on a page, people, rage; {element: clicks}; {cell: clicks}; openings that reached each tenth."""
        self.duck.execute(f"""create or replace table c as select pid, t, json_extract_string(properties, '$.selector') as what,
            least(49, json_extract(properties, '$.page_x')::bigint * 50 // json_extract(properties, '$.page_width')::bigint) as col,
            least(99, json_extract(properties, '$.page_y')::bigint * 100 // json_extract(properties, '$.page_height')::bigint) as line
            from e where name = 'Element Clicked' and json_extract_string(properties, '$.path') = '{page}' and day between {first} and {last}""")
        rage = self.rows("select count(*) from (select t - lag(t, 2) over (partition by pid, what order by t) as gap from c) where gap <= 2000")[0][0]
        sums = [float(value) for value in self.rows("select count(*), count(distinct pid) from c")[0]] + [float(rage)]
        elements = {what: float(count) for what, count in self.rows("select what, count(*) from c group by what")}
        cells = {(str(col), str(line)): float(count) for col, line, count in self.rows("select col, line, count(*) from c group by col, line")}
        reach = [float(row[0]) for row in self.rows(f"""with d as (select max(json_extract(properties, '$.scroll_depth')::bigint) as depth
            from e where name = 'Page Dwelt' and json_extract_string(properties, '$.path') = '{page}' and day between {first} and {last}
            group by pid, json_extract_string(properties, '$.page_id'))
            select count(*) filter (depth >= tenth * 10) from d, range(11) r(tenth) group by tenth having count(*) filter (depth >= tenth * 10) > 0 order by tenth""")]
        return sums, elements, cells, reach

    def funnel(self, steps, first, last, window):
        """How many people reach each step, by trying every first step."""
        window *= DAY_MS
        levels = [f"l0 as (select pid, t as t0, position as q0 from e where name = '{steps[0]}' and day between {first} and {last})"]
        for level, name in enumerate(steps[1:], 1):
            levels.append(f"""l{level} as (select *, (select min(e.t) from e where e.pid = l{level - 1}.pid and name = '{name}'
                and e.t >= t{level - 1} and e.position <> q0 and e.t <= t0 + {window}) as t{level} from l{level - 1})""")
        reached = " + ".join(f"(t{level} is not null)::int" for level in range(len(steps)))
        counts = self.rows(f"with {', '.join(levels)}, m as (select pid, max({reached}) as l from l{len(steps) - 1} group by pid) "
                           "select l, count(*) from m group by l")
        return [float(sum(people for level, people in counts if level > step)) for step in range(len(steps))]

    def retention(self, first, last):
        """{(week, offset): people} of those first seen on these days."""
        return {(int(week), int(offset)): float(people) for week, offset, people in self.rows(f"""
            with k as (select pid, (first_day + 3) // 7 as c from p where first_day between {first} and {last}),
            a as (select distinct pid, (day + 3) // 7 as s from e)
            select c, s - c, count(*) from k join a using (pid) where s >= c group by 1, 2""")}

    def states(self, first, last):
        """{week: (new, returning, resurrected)}"""
        return {int(row[0]): [float(value) for value in row[1:]] for row in self.rows(f"""
            with a as (select distinct pid, (day + 3) // 7 as s from e), f as (select pid, (first_day + 3) // 7 as c from p),
            b as (select s, c = s as is_new, exists (select 1 from a z where z.pid = a.pid and z.s = a.s - 1) as was from a left join f using (pid))
            select s, count(*) filter (is_new), count(*) filter (not coalesce(is_new, false) and was),
                count(*) filter (not coalesce(is_new, false) and not was)
            from b where s between ({first} + 3) // 7 and ({last} + 3) // 7 group by s""")}

    def next_steps(self, start, first, last):
        """{name: people}: what came next after the first start, within thirty idle minutes, the start itself folded."""
        return {name: float(people) for name, people in self.rows(f"""
            with a as (select *, row_number() over (partition by pid order by t, position) as i from e where day between {first} and {last}),
            s as (select pid, min(i) as i0 from a where name = '{start}' group by pid),
            b as (select a.*, case when i > i0 and t - lag(t) over (partition by a.pid order by i) > 1800000 then 1 else 0 end as pause
                from a join s using (pid) where i >= i0),
            c as (select *, sum(pause) over (partition by pid order by i rows unbounded preceding) as g from b),
            n as (select pid, arg_min(name, i) as next from c where g = 0 and name <> '{start}' group by pid)
            select coalesce(next, 'end'), count(*) from s left join n using (pid) group by 1""")}

    def purchases(self, first, last):
        """orders, revenue, pieces, buyers, repeat buyers, median interval, Gini."""
        orders = self.rows(f"select count(*), sum(net), sum(pieces) from o where day between {first} and {last}")[0]
        people = self.rows(f"""with b as (select pid, count(*) as n, count(*) filter (day between {first} and {last}) as own from o
            where pid <> 0 and day <= {last} group by pid) select count(*) filter (own > 0), count(*) filter (own > 0 and n > 1) from b""")[0]
        gap = self.rows(f"""with a as (select distinct pid, day from o where pid <> 0),
            g as (select day, day - lag(day) over (partition by pid order by day) as gap from a)
            select median(gap) from g where day between {first} and {last}""")[0]
        gini = self.rows(f"""with b as (select greatest(sum(net), 0) as x from o where pid <> 0 and day between {first} and {last} group by pid),
            r as (select x, row_number() over (order by x) as i, count(*) over () as n, sum(x) over () as s from b)
            select 2 * sum(i * x) / (any_value(n) * any_value(s)) - (any_value(n) + 1) / any_value(n) from r""")[0]
        return [float(value or 0) for value in orders + people + gap + gini]

    def explored(self, first, last):
        """Events, people and the sum of `total` of orders completed."""
        return [float(value or 0) for value in self.rows(
            f"select count(*), count(distinct pid), sum(total) from e where name = 'Order Completed' and day between {first} and {last}")[0]]
