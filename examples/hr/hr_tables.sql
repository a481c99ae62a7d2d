rem hr_tables.sql: what the HR sample schema is made of, without its rows and its stored code
rem
rem The names and the structure are those that everybody knows from Oracle's HR schema; the text is our own.

SET DEFINE OFF

REM --- Regions of the world

CREATE TABLE regions
    ( region_id    NUMBER
       CONSTRAINT  region_id_nn NOT NULL
    , region_name  VARCHAR2(25)
    );

CREATE UNIQUE INDEX reg_id_pk
ON regions (region_id);

ALTER TABLE regions
ADD ( CONSTRAINT reg_id_pk
         PRIMARY KEY (region_id)
    ) ;

REM --- Countries, kept in the order of their key

CREATE TABLE countries
    ( country_id    CHAR(2)
       CONSTRAINT   country_id_nn NOT NULL
    , country_name  VARCHAR2(40)
    , region_id     NUMBER
    , CONSTRAINT    country_c_id_pk
                    PRIMARY KEY (country_id)
    )
    ORGANIZATION INDEX;

ALTER TABLE countries
ADD ( CONSTRAINT countr_reg_fk
         FOREIGN KEY (region_id)
          REFERENCES regions(region_id)
    ) ;

REM --- Places where the company works

CREATE TABLE locations
    ( location_id     NUMBER(4)
    , street_address  VARCHAR2(40)
    , postal_code     VARCHAR2(12)
    , city            VARCHAR2(30)
       CONSTRAINT     loc_city_nn NOT NULL
    , state_province  VARCHAR2(25)
    , country_id      CHAR(2)
    ) ;

CREATE UNIQUE INDEX loc_id_pk
ON locations (location_id) ;

ALTER TABLE locations
ADD ( CONSTRAINT loc_id_pk
         PRIMARY KEY (location_id)
    , CONSTRAINT loc_c_id_fk
         FOREIGN KEY (country_id)
          REFERENCES countries(country_id)
    ) ;

CREATE SEQUENCE locations_seq
 START WITH     3300
 INCREMENT BY   100
 MAXVALUE       9900
 NOCACHE
 NOCYCLE;

REM --- Departments; their managers are employees, so that key comes later

CREATE TABLE departments
    ( department_id    NUMBER(4)
    , department_name  VARCHAR2(30)
       CONSTRAINT      dept_name_nn NOT NULL
    , manager_id       NUMBER(6)
    , location_id      NUMBER(4)
    ) ;

CREATE UNIQUE INDEX dept_id_pk
ON departments (department_id) ;

ALTER TABLE departments
ADD ( CONSTRAINT dept_id_pk
         PRIMARY KEY (department_id)
    , CONSTRAINT dept_loc_fk
         FOREIGN KEY (location_id)
          REFERENCES locations (location_id)
    ) ;

CREATE SEQUENCE departments_seq
 START WITH     280
 INCREMENT BY   10
 MAXVALUE       9990
 NOCACHE
 NOCYCLE;

REM --- Jobs and what they pay

CREATE TABLE jobs
    ( job_id      VARCHAR2(10)
    , job_title   VARCHAR2(35)
       CONSTRAINT job_title_nn NOT NULL
    , min_salary  NUMBER(6)
    , max_salary  NUMBER(6)
    ) ;

CREATE UNIQUE INDEX job_id_pk
ON jobs (job_id) ;

ALTER TABLE jobs
ADD ( CONSTRAINT job_id_pk
         PRIMARY KEY (job_id)
    ) ;

REM --- Employees

CREATE TABLE employees
    ( employee_id     NUMBER(6)
    , first_name      VARCHAR2(20)
    , last_name       VARCHAR2(25)
       CONSTRAINT     emp_last_name_nn NOT NULL
    , email           VARCHAR2(25)
       CONSTRAINT     emp_email_nn NOT NULL
    , phone_number    VARCHAR2(20)
    , hire_date       DATE
       CONSTRAINT     emp_hire_date_nn NOT NULL
    , job_id          VARCHAR2(10)
       CONSTRAINT     emp_job_nn NOT NULL
    , salary          NUMBER(8,2)
    , commission_pct  NUMBER(2,2)
    , manager_id      NUMBER(6)
    , department_id   NUMBER(4)
    , CONSTRAINT      emp_salary_min
                      CHECK (salary > 0)
    , CONSTRAINT      emp_email_uk
                      UNIQUE (email)
    ) ;

CREATE UNIQUE INDEX emp_emp_id_pk
ON employees (employee_id) ;

ALTER TABLE employees
ADD ( CONSTRAINT emp_emp_id_pk
         PRIMARY KEY (employee_id)
    , CONSTRAINT emp_dept_fk
         FOREIGN KEY (department_id)
          REFERENCES departments
    , CONSTRAINT emp_job_fk
         FOREIGN KEY (job_id)
          REFERENCES jobs (job_id)
    , CONSTRAINT emp_manager_fk
         FOREIGN KEY (manager_id)
          REFERENCES employees
    ) ;

REM The circle closes: a department has a manager, who works in a department.
ALTER TABLE departments
ADD ( CONSTRAINT dept_mgr_fk
         FOREIGN KEY (manager_id)
          REFERENCES employees (employee_id)
    ) ;

CREATE SEQUENCE employees_seq
 START WITH     300
 INCREMENT BY   1
 NOCACHE
 NOCYCLE;

REM --- What employees did before

CREATE TABLE job_history
    ( employee_id    NUMBER(6)
       CONSTRAINT    jhist_employee_nn NOT NULL
    , start_date     DATE
       CONSTRAINT    jhist_start_date_nn NOT NULL
    , end_date       DATE
       CONSTRAINT    jhist_end_date_nn NOT NULL
    , job_id         VARCHAR2(10)
       CONSTRAINT    jhist_job_nn NOT NULL
    , department_id  NUMBER(4)
    , CONSTRAINT     jhist_date_interval
                     CHECK (end_date > start_date)
    ) ;

CREATE UNIQUE INDEX jhist_emp_id_st_date_pk
ON job_history (employee_id, start_date) ;

ALTER TABLE job_history
ADD ( CONSTRAINT jhist_emp_id_st_date_pk
         PRIMARY KEY (employee_id, start_date)
    , CONSTRAINT jhist_job_fk
         FOREIGN KEY (job_id)
          REFERENCES jobs
    , CONSTRAINT jhist_emp_fk
         FOREIGN KEY (employee_id)
          REFERENCES employees
    , CONSTRAINT jhist_dept_fk
         FOREIGN KEY (department_id)
          REFERENCES departments
    ) ;

REM --- Who works where, as what, for how much

CREATE OR REPLACE VIEW emp_details_view
  ( employee_id
  , job_id
  , manager_id
  , department_id
  , location_id
  , country_id
  , first_name
  , last_name
  , salary
  , commission_pct
  , department_name
  , job_title
  , city
  , state_province
  , country_name
  , region_name
  )
AS
SELECT e.employee_id, e.job_id, e.manager_id, d.department_id, l.location_id, c.country_id,
       e.first_name, e.last_name, e.salary, e.commission_pct,
       d.department_name, j.job_title, l.city, l.state_province, c.country_name, r.region_name
  FROM employees e, departments d, jobs j, locations l, countries c, regions r
 WHERE d.department_id = e.department_id
   AND j.job_id = e.job_id
   AND l.location_id = d.location_id
   AND c.country_id = l.country_id
   AND r.region_id = c.region_id
WITH READ ONLY;

REM --- Indexes for the usual questions

CREATE INDEX emp_department_ix ON employees (department_id);
CREATE INDEX emp_job_ix ON employees (job_id);
CREATE INDEX emp_manager_ix ON employees (manager_id);
CREATE INDEX emp_name_ix ON employees (last_name, first_name);
CREATE INDEX dept_location_ix ON departments (location_id);
CREATE INDEX jhist_job_ix ON job_history (job_id);
CREATE INDEX jhist_employee_ix ON job_history (employee_id);
CREATE INDEX jhist_department_ix ON job_history (department_id);
CREATE INDEX loc_city_ix ON locations (city);
CREATE INDEX loc_state_province_ix ON locations (state_province);
CREATE INDEX loc_country_ix ON locations (country_id);

REM --- Comments

COMMENT ON TABLE regions IS 'Parts of the world; the countries refer to them.';
COMMENT ON COLUMN regions.region_id IS 'Key of the region.';
COMMENT ON COLUMN regions.region_name IS 'Its name; the countries of a region are in COUNTRIES.';

COMMENT ON TABLE countries IS 'Countries, an index-organised table. The locations refer to them.';
COMMENT ON COLUMN countries.country_id IS 'Two-letter code, the key.';
COMMENT ON COLUMN countries.country_name IS 'Its name in English.';
COMMENT ON COLUMN countries.region_id IS 'The region it lies in; refers to REGIONS.';

COMMENT ON TABLE locations IS 'Addresses of offices, warehouses and production sites; customers'' addresses are kept elsewhere.';
COMMENT ON COLUMN locations.location_id IS 'Key of the location.';
COMMENT ON COLUMN locations.street_address IS 'Number and street.';
COMMENT ON COLUMN locations.postal_code IS 'Postal code, in the form of its country.';
COMMENT ON COLUMN locations.city IS 'Never empty.';
COMMENT ON COLUMN locations.state_province IS 'State, province or canton, where the country has such.';
COMMENT ON COLUMN locations.country_id IS 'Refers to COUNTRIES.';

COMMENT ON TABLE departments IS 'Departments; employees and job history refer to them.';
COMMENT ON COLUMN departments.department_id IS 'Key of the department.';
COMMENT ON COLUMN departments.department_name IS 'Never empty: Administration, Research and so on.';
COMMENT ON COLUMN departments.manager_id IS 'The employee who leads it; refers to EMPLOYEES.';
COMMENT ON COLUMN departments.location_id IS 'Where it is; refers to LOCATIONS.';

COMMENT ON TABLE jobs IS 'What employees can be, and the salaries that go with it.';
COMMENT ON COLUMN jobs.job_id IS 'Key of the job.';
COMMENT ON COLUMN jobs.job_title IS 'Never empty: Accountant, Welder and so on.';
COMMENT ON COLUMN jobs.min_salary IS 'Lowest salary of the job.';
COMMENT ON COLUMN jobs.max_salary IS 'Highest salary of the job.';

COMMENT ON TABLE employees IS 'Everybody who works here. It refers to itself: a manager is an employee.';
COMMENT ON COLUMN employees.employee_id IS 'Key of the employee.';
COMMENT ON COLUMN employees.first_name IS 'First name; may be missing.';
COMMENT ON COLUMN employees.last_name IS 'Last name; never missing.';
COMMENT ON COLUMN employees.email IS 'The part in front of the @, different for everybody.';
COMMENT ON COLUMN employees.phone_number IS 'With the code of the country.';
COMMENT ON COLUMN employees.hire_date IS 'First day in the present job.';
COMMENT ON COLUMN employees.job_id IS 'The present job; refers to JOBS.';
COMMENT ON COLUMN employees.salary IS 'A month''s salary; more than 0.';
COMMENT ON COLUMN employees.commission_pct IS 'Share of the sales; only sales people have one.';
COMMENT ON COLUMN employees.manager_id IS 'The employee''s own manager; refers to EMPLOYEES.';
COMMENT ON COLUMN employees.department_id IS 'Where the employee works; refers to DEPARTMENTS.';

COMMENT ON TABLE job_history IS 'Jobs that employees had before the present one.';
COMMENT ON COLUMN job_history.employee_id IS 'First part of the key; refers to EMPLOYEES.';
COMMENT ON COLUMN job_history.start_date IS 'Second part of the key; earlier than END_DATE.';
COMMENT ON COLUMN job_history.end_date IS 'Last day in that job.';
COMMENT ON COLUMN job_history.job_id IS 'The job; refers to JOBS.';
COMMENT ON COLUMN job_history.department_id IS 'The department at that time; refers to DEPARTMENTS.';

COMMENT ON TABLE emp_details_view IS 'Employees with their job, department and place.';
