create view m_ignore as select empno, last_value(comm ignore nulls) over (partition by deptno order by empno) lv, first_value(comm) ignore nulls over (partition by deptno order by empno desc) fv, lag(comm, 1, -1) ignore nulls over (order by empno) lg, lead(comm, 2) ignore nulls over (order by empno) ld, nth_value(sal, 2) from last over (partition by deptno order by empno rows between unbounded preceding and unbounded following) nv, lag(sal respect nulls) over (order by empno) rn from emp;
create view m_json as select empno, json_object('id' value empno, key 'name' value ename, 'comm':comm, 'since' : hiredate absent on null) j, json_array(empno, ename, comm) a, json_object(empno, "ENAME") k, json_object('in' value json_array(1, 'a"b', null null on null)) n from emp;
create view m_json_agg as select deptno, json_arrayagg(json_object('n' value ename) order by ename) l, json_objectagg(key ename value comm) o from emp group by deptno;
create view m_json_path as select e.doc.items.name n, e.doc.a a, json_query(doc, '$.items[*].qty' with wrapper) w, json_query(doc, '$.a') s, json_value(doc, '$.b') v from emp e where e.doc is json;
create view m_search as with t (empno, mgr, lv) as (select empno, mgr, 1 from emp where mgr is null union all select e.empno, e.mgr, t.lv + 1 from emp e join t on e.mgr = t.empno) search depth first by empno set ord cycle empno set looped to 'Y' default 'N' select empno, lv, looped from t order by ord;
create view m_percent as select ename from emp order by sal fetch first 30 percent rows only;
create view m_xpath as select extractvalue(x, '/r/i/n') v, extract(x, '/r/i/n') e, existsnode(x, '/r/q') q, xmlcast(xmlquery('/r/i/n' passing x returning content) as number) c, e.x.extract('/r/i/@a').getstringval() m, xmlserialize(content x as clob) s from emp e where xmlexists('/r' passing x);
create view m_keep as select deptno, sum(sal) keep (dense_rank first order by job) s, count(*) keep (dense_rank last order by job, mgr) c from emp group by deptno;
create view m_keep_over as select empno, max(sal) keep (dense_rank first order by hiredate) over (partition by deptno) k, median(sal) over (partition by deptno) md from emp;
create view m_words as select listagg(distinct job, ',') within group (order by job) l, approx_count_distinct(job) n, any_value(deptno + 0) a, bit_or_agg(empno) b from emp where deptno = 10;
create view m_numbers as select remainder(empno, 3) r, to_char(empno + 254, 'XXXX') h, to_char(empno, 'FMX') f, to_number('ff', 'XX') n, to_char(sal, '99G999D0', 'NLS_NUMERIC_CHARACTERS = '',.''') g, to_char(sal, '9.9EEEE') e, unistr('\00e4\\') u, nvl(mgr, ename || '') nv from emp where empno = 2 or mgr is null and 1 = 2;
create view m_dates as select trunc(hiredate, 'WW') w, trunc(hiredate, 'W') m, round(hiredate, 'Q') q, to_date('31-DEC-99', 'DD-MON-RR') rr, to_date(to_char(hiredate, 'DD-MON-RR'), 'DD-MON-RR') back, to_dsinterval('1 02:00:00') iv, cast(timestamp '2020-06-01 12:00:00' at time zone 'UTC' as date) z, from_tz(timestamp '2020-01-01 00:00:00', '+02:00') ft from emp where empno = 4;
create view m_limit as select ename from emp where rownum <= nvl(to_number(sys_context('APP', 'LIMIT_OF_ROWS')), 2);
create view m_nested as select ((select 1 from dual) + 2) s from dual where ((select 1 from dual) = 1) and 1 in ((select 1 from dual), 2);
create view m_sample as select count(*) n from emp sample (100) seed (3);
create table made_of (id primary key, name, total default 0) nologging as select e.empno, e.ename, sum(e.sal) from emp e group by e.empno, e.ename;
create table made_of_all compress as select d.*, 'x' mark, sysdate made from dept d;
create index made_of_ix on made_of (name, '0');
create unique index "SYS_IL0000012345C00012$$" on emp (
 pctfree 10);
create synonym self for self;
create public synonym dept for dept;
create type announced_t;
/
create type below_t under announced_t (extra number);
/
create view of_announced of announced_t with object identifier (deptno) as select deptno, dname || '!' from dept;
