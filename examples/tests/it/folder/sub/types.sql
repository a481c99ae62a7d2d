create or replace type addr_t as object (street varchar2(40), zip char(5), member function f return varchar2, map member function m return number) not final;
/
create or replace type phones_t as varray(5) of varchar2(25);
/
create type body addr_t as member function f return varchar2 is begin return street; end; map member function m return number is begin return 1; end; end;
/
create type sub_t under addr_t (country varchar2(2));
/
create type addrs_t as table of addr_t;
/
create table people (id number primary key, home addr_t, phones phones_t, old addrs_t) nested table old store as old_tab;
create table addr_tab of addr_t (street primary key, zip default '00000');
create view v_obj as select p.id, p.home.street st, p.home from people p;
create view v_coll as select p.id, t.column_value ph from people p, table(p.phones) t;
create view v_cons as select addr_t('a', 'b') x from dual;
create or replace package pkg as procedure p; end pkg;
/
create or replace trigger trg before insert on people for each row begin :new.id := 1; end;
/
