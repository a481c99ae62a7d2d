rem hr_data.sql: the rows of the HR sample schema
rem
rem Every person, address and number here is made up.

SET DEFINE OFF
SET ESCAPE OFF

ALTER SESSION SET NLS_DATE_LANGUAGE = American;

REM --- Regions

INSERT INTO regions VALUES (10, 'Europe');
INSERT INTO regions VALUES (20, 'Americas');
INSERT INTO regions VALUES (30, 'Asia');
INSERT INTO regions VALUES (40, 'Oceania');
INSERT INTO regions VALUES (50, 'Africa');

REM --- Countries

INSERT INTO countries VALUES ('AR', 'Argentina', 20);
INSERT INTO countries VALUES ('AT', 'Austria', 10);
INSERT INTO countries VALUES ('AU', 'Australia', 40);
INSERT INTO countries VALUES ('BR', 'Brazil', 20);
INSERT INTO countries VALUES ('CA', 'Canada', 20);
INSERT INTO countries VALUES ('CH', 'Switzerland', 10);
INSERT INTO countries VALUES ('CI', 'Côte d''Ivoire', 50);
INSERT INTO countries VALUES ('CL', 'Chile', 20);
INSERT INTO countries VALUES ('DE', 'Germany', 10);
INSERT INTO countries VALUES ('EG', 'Egypt', 50);
INSERT INTO countries VALUES ('ES', 'Spain', 10);
INSERT INTO countries VALUES ('FR', 'France', 10);
INSERT INTO countries VALUES ('GR', 'Greece', 10);
INSERT INTO countries VALUES ('IE', 'Ireland', 10);
INSERT INTO countries VALUES ('IN', 'India', 30);
INSERT INTO countries VALUES ('IS', 'Iceland', 10);
INSERT INTO countries VALUES ('JP', 'Japan', 30);
INSERT INTO countries VALUES ('KE', 'Kenya', 50);
INSERT INTO countries VALUES ('KR', 'South Korea', 30);
INSERT INTO countries VALUES ('MX', 'Mexico', 20);
INSERT INTO countries VALUES ('NG', 'Nigeria', 50);
INSERT INTO countries VALUES ('NZ', 'New Zealand', 40);
INSERT INTO countries VALUES ('PL', 'Poland', 10);
INSERT INTO countries VALUES ('SG', 'Singapore', 30);
INSERT INTO countries VALUES ('TR', 'Türkiye', 30);
INSERT INTO countries VALUES ('UA', 'Ukraine', 10);
INSERT INTO countries VALUES ('US', 'United States of America', 20);
INSERT INTO countries VALUES ('ZZ', 'Not yet known', NULL);

REM --- Locations

INSERT INTO locations VALUES (1000, '14 Quay Street', 'D02 XY11', 'Dublin', NULL, 'IE');
INSERT INTO locations VALUES (1100, 'Lindengasse 7', '1070', 'Wien', NULL, 'AT');
INSERT INTO locations VALUES (1200, '12 rue de l''Étoile', '69003', 'Lyon', 'Rhône', 'FR');
INSERT INTO locations VALUES (1300, 'Hafenstraße 88', '20457', 'Hamburg', NULL, 'DE');
INSERT INTO locations VALUES (1400, 'Calle del Pez 31', '28004', 'Madrid', NULL, 'ES');
INSERT INTO locations VALUES (1500, 'ul. Źródlana 5', '31-042', 'Kraków', 'Małopolska', 'PL');
INSERT INTO locations VALUES (1600, '88 Harbour Road', 'V6B 4N9', 'Vancouver', 'British Columbia', 'CA');
INSERT INTO locations VALUES (1700, '4100 Pine Avenue', '98109', 'Seattle', 'Washington', 'US');
INSERT INTO locations VALUES (1800, 'Av. Rebouças 1450', '05402-100', 'São Paulo', 'São Paulo', 'BR');
INSERT INTO locations VALUES (1900, '本町 2-4-6', '541-0053', '大阪市', NULL, 'JP');
INSERT INTO locations VALUES (2000, '77 Brigade Lane', '560001', 'Bengaluru', 'Karnataka', 'IN');
INSERT INTO locations VALUES (2100, '9 Fisherman''s Wharf', '6011', 'Wellington', NULL, 'NZ');
INSERT INTO locations VALUES (2200, '230 Collins Lane', '3000', 'Melbourne', 'Victoria', 'AU');
INSERT INTO locations VALUES (2300, 'Moi Avenue 16', '00100', 'Nairobi', NULL, 'KE');
INSERT INTO locations VALUES (2400, 'Bahnhofplatz 3', '3011', 'Bern', 'BE', 'CH');
INSERT INTO locations VALUES (2500, 'Paseo de la Luna 600', '44100', 'Guadalajara', 'Jalisco', 'MX');
INSERT INTO locations VALUES (2600, NULL, NULL, 'Reykjavík', NULL, 'IS');
INSERT INTO locations VALUES (2700, 'Οδός Ερμού 21', '105 63', 'Αθήνα', NULL, 'GR');

REM --- Departments; their managers are not there yet

ALTER TABLE departments
  DISABLE CONSTRAINT dept_mgr_fk;

INSERT INTO departments VALUES (10, 'Administration', 103, 1700);
INSERT INTO departments VALUES (20, 'Marketing', 104, 1200);
INSERT INTO departments VALUES (30, 'Purchasing', 105, 1300);
INSERT INTO departments VALUES (40, 'Human Resources', 106, 1000);
INSERT INTO departments VALUES (50, 'Shipping', 107, 1600);
INSERT INTO departments VALUES (60, 'IT', 108, 1500);
INSERT INTO departments VALUES (70, 'Public Relations', 109, 1100);
INSERT INTO departments VALUES (80, 'Sales', 110, 1400);
INSERT INTO departments VALUES (90, 'Executive', 100, 1700);
INSERT INTO departments VALUES (100, 'Finance', 111, 2400);
INSERT INTO departments VALUES (110, 'Accounting', 112, 1700);
INSERT INTO departments VALUES (120, 'Research & Development', 113, 1900);
INSERT INTO departments VALUES (130, 'Customer Support', 114, 2000);
INSERT INTO departments VALUES (140, 'Manufacturing', 115, 1800);
INSERT INTO departments VALUES (150, 'Legal', 116, 1000);
INSERT INTO departments VALUES (160, 'Training', NULL, 2200);
INSERT INTO departments VALUES (170, 'Facilities', NULL, 2300);
INSERT INTO departments VALUES (180, 'Payroll', NULL, 2400);
INSERT INTO departments VALUES (190, 'Recruiting', NULL, NULL);
INSERT INTO departments VALUES (200, 'Night Shift', NULL, 2500);
INSERT INTO departments VALUES (210, 'Archive', NULL, 2600);

REM --- Jobs

INSERT INTO jobs VALUES ('PRESIDENT', 'Chief Executive', 20000, 40000);
INSERT INTO jobs VALUES ('VICE_PRES', 'Vice President', 15000, 30000);
INSERT INTO jobs VALUES ('ADMIN_ASST', 'Administration Assistant', 3000, 6200);
INSERT INTO jobs VALUES ('FIN_MGR', 'Finance Manager', 8200, 16500);
INSERT INTO jobs VALUES ('FIN_ACCT', 'Financial Accountant', 4200, 9200);
INSERT INTO jobs VALUES ('PUB_ACCT', 'Public Accountant', 4200, 9100);
INSERT INTO jobs VALUES ('SALES_MGR', 'Sales Manager', 9500, 20000);
INSERT INTO jobs VALUES ('SALES_REP', 'Sales Representative', 5500, 12500);
INSERT INTO jobs VALUES ('PURCH_MGR', 'Purchasing Manager', 8000, 15500);
INSERT INTO jobs VALUES ('PURCH_CLRK', 'Purchasing Clerk', 2500, 5600);
INSERT INTO jobs VALUES ('STOCK_MGR', 'Stock Manager', 5600, 8600);
INSERT INTO jobs VALUES ('STOCK_CLRK', 'Stock Clerk', 2000, 5100);
INSERT INTO jobs VALUES ('SHIP_CLRK', 'Shipping Clerk', 2400, 5400);
INSERT INTO jobs VALUES ('PROGRAMMER', 'Programmer', 4100, 11000);
INSERT INTO jobs VALUES ('DBA', 'Database Administrator', 5000, 12000);
INSERT INTO jobs VALUES ('MKT_MGR', 'Marketing Manager', 9000, 15500);
INSERT INTO jobs VALUES ('MKT_REP', 'Marketing Representative', 4100, 9100);
INSERT INTO jobs VALUES ('HR_REP', 'Human Resources Representative', 4100, 9100);
INSERT INTO jobs VALUES ('PR_REP', 'Public Relations Representative', 4500, 10600);
INSERT INTO jobs VALUES ('RESEARCHER', 'Researcher', 5200, 14000);
INSERT INTO jobs VALUES ('SUPPORT', 'Support Engineer', 3200, 8400);
INSERT INTO jobs VALUES ('WELDER', 'Welder', 2600, 6100);
INSERT INTO jobs VALUES ('LAWYER', 'Lawyer', 6000, 18000);
INSERT INTO jobs VALUES ('TRAINER', 'Trainer', 3500, 8000);

REM --- Employees

INSERT INTO employees VALUES
  ( 100, 'Ingrid', 'Lee', 'ILEE', '+353 1 555 7035', TO_DATE('22-08-2004', 'DD-MM-YYYY'), 'PRESIDENT', 20400, NULL, NULL, 90 );
INSERT INTO employees VALUES
  ( 101, 'Chloé', 'Novotná', 'CNOVOTNA', '+1 604 555 8321', TO_DATE('02-03-2005', 'DD-MM-YYYY'), 'VICE_PRES', 20600, NULL, 100, 90 );
INSERT INTO employees VALUES
  ( 102, 'Urs', 'Lefèvre', 'ULEFEVRE', '+55 11 5555 7928', TO_DATE('18-05-2007', 'DD-MM-YYYY'), 'VICE_PRES', 25700, NULL, 100, 90 );
INSERT INTO employees VALUES
  ( 103, 'Yuki', 'Kowalczyk', 'YKOWALCZYK', '+81 6 5555 4869', TO_DATE('19-01-2010', 'DD-MM-YYYY'), 'ADMIN_ASST', 5800, NULL, 101, 10 );
INSERT INTO employees VALUES
  ( 104, 'Nuno', 'Costa', 'NCOSTA', NULL, TO_DATE('05-01-2019', 'DD-MM-YYYY'), 'MKT_MGR', 10700, NULL, 100, 20 );
INSERT INTO employees VALUES
  ( 105, 'Ólafur', 'Berger', 'OBERGER', '+353 1 555 9072', TO_DATE('10-01-2014', 'DD-MM-YYYY'), 'PURCH_MGR', 9400.99, NULL, 100, 30 );
INSERT INTO employees VALUES
  ( 106, 'Ольга', 'Dupont', 'ODUPONT', '+64 4 555 6198', TO_DATE('05-01-2009', 'DD-MM-YYYY'), 'HR_REP', 5300, NULL, 101, 40 );
INSERT INTO employees VALUES
  ( 107, 'Ingrid', 'Wallace', 'IWALLACE', '+81 6 5555 0025', TO_DATE('14-06-2012', 'DD-MM-YYYY'), 'STOCK_MGR', 7300, NULL, 100, 50 );
INSERT INTO employees VALUES
  ( 108, 'Ingrid', 'Vega', 'IVEGA', '+43 1 555 4267', TO_DATE('17-04-2016', 'DD-MM-YYYY'), 'DBA', 7100, NULL, 102, 60 );
INSERT INTO employees VALUES
  ( 109, 'Björk', 'Kiss', 'BKISS', '+1 206 555 7399', TO_DATE('07-02-2018', 'DD-MM-YYYY'), 'PR_REP', 9200, NULL, 101, 70 );
INSERT INTO employees VALUES
  ( 110, 'Camila', 'Novak', 'CNOVAK', '+81 6 5555 6685', TO_DATE('07-02-2022', 'DD-MM-YYYY'), 'SALES_MGR', 10500.05, .3, 100, 80 );
INSERT INTO employees VALUES
  ( 111, 'Agnieszka', 'Vega', 'AVEGA', '+34 91 555 5968', TO_DATE('12-07-2019', 'DD-MM-YYYY'), 'FIN_MGR', 8900, NULL, 101, 100 );
INSERT INTO employees VALUES
  ( 112, '花子', 'Popescu', 'HPOPESCU', '+81 6 5555 8783', TO_DATE('24-06-2013', 'DD-MM-YYYY'), 'FIN_MGR', 9700, NULL, 101, 110 );
INSERT INTO employees VALUES
  ( 113, 'François', 'Ångström', 'FANGSTROM', '+43 1 555 2706', TO_DATE('17-03-2022', 'DD-MM-YYYY'), 'RESEARCHER', 7000, NULL, 102, 120 );
INSERT INTO employees VALUES
  ( 114, 'Arjun', 'Lee', 'ALEE', '+1 604 555 0450', TO_DATE('26-06-2009', 'DD-MM-YYYY'), 'SUPPORT', 3900, NULL, 102, 130 );
INSERT INTO employees VALUES
  ( 115, 'Ольга', 'Çelik', 'OCELIK', '+55 11 5555 7980', TO_DATE('08-01-2023', 'DD-MM-YYYY'), 'STOCK_MGR', 8300, NULL, 100, 140 );
INSERT INTO employees VALUES
  ( 116, 'Noémie', 'Ionescu', 'NIONESCU', '+1 206 555 5266', TO_DATE('03-07-2023', 'DD-MM-YYYY'), 'LAWYER', 7600, NULL, 100, 150 );
INSERT INTO employees VALUES
  ( 117, 'François', 'Huber', 'FHUBER', '+48 12 555 6706', TO_DATE('15-10-2020', 'DD-MM-YYYY'), 'SALES_MGR', 14500, .25, 100, 80 );
INSERT INTO employees VALUES
  ( 118, 'Henrik', 'Kowalczyk', 'HKOWALCZYK', '+34 91 555 4847', TO_DATE('27-08-2019', 'DD-MM-YYYY'), 'MKT_REP', 4400, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 119, 'Aoife', 'St. John', 'ASTJOHN', '+55 11 5555 9255', TO_DATE('04-04-2015', 'DD-MM-YYYY'), 'MKT_REP', 5500, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 120, 'Zbigniew', 'Fischer', 'ZFISCHER', '+34 91 555 1019', TO_DATE('30-04-2017', 'DD-MM-YYYY'), 'MKT_REP', 8000, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 121, 'Ravi', 'Wallace', 'RWALLACE', '+49 40 555 7393', TO_DATE('21-01-2009', 'DD-MM-YYYY'), 'MKT_REP', 6300, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 122, 'Siân', 'Smith-Jones', 'SSMITHJONES', '+1 604 555 3185', TO_DATE('13-07-2023', 'DD-MM-YYYY'), 'PURCH_CLRK', 5600.99, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 123, 'Ólafur', 'Шевченко', 'OSHEVCHENKO', '+353 1 555 3069', TO_DATE('09-06-2019', 'DD-MM-YYYY'), 'PURCH_CLRK', 4200, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 124, 'Noémie', 'Byrne', 'NBYRNE', '+1 604 555 8061', TO_DATE('28-04-2017', 'DD-MM-YYYY'), 'PURCH_CLRK', 4800.05, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 125, 'Jan', 'Hughes', 'JHUGHES', '+1 604 555 3796', TO_DATE('25-10-2015', 'DD-MM-YYYY'), 'PURCH_CLRK', 3300, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 126, 'Pádraig', 'Παπαδόπουλος', 'PPAPADOPOULOS', '+1 206 555 4038', TO_DATE('25-12-2015', 'DD-MM-YYYY'), 'PURCH_CLRK', 3600, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 127, 'Seraina', 'Berger', 'SBERGER', '+353 1 555 3345', TO_DATE('27-06-2017', 'DD-MM-YYYY'), 'PURCH_CLRK', 3700.25, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 128, 'Werner', 'Ibáñez', 'WIBANEZ', '+33 4 555 7415', TO_DATE('25-01-2020', 'DD-MM-YYYY'), 'HR_REP', 6500, NULL, 106, 40 );
INSERT INTO employees VALUES
  ( 129, 'Bruce', 'Müller', 'BMULLER', '+81 6 5555 6266', TO_DATE('18-09-2009', 'DD-MM-YYYY'), 'HR_REP', 8100, NULL, 106, 40 );
INSERT INTO employees VALUES
  ( 130, 'Pádraig', 'Parata', 'PPARATA', '+91 80 5555 3600', TO_DATE('22-02-2015', 'DD-MM-YYYY'), 'SHIP_CLRK', 3300.05, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 131, 'Aoife', 'Wójcik', 'AWOJCIK', '+48 12 555 5042', TO_DATE('31-05-2011', 'DD-MM-YYYY'), 'SHIP_CLRK', 4000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 132, 'Arjun', 'Berger', 'ABERGER', '+1 206 555 8968', TO_DATE('12-07-2022', 'DD-MM-YYYY'), 'SHIP_CLRK', 2700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 133, 'Jan', 'Vega', 'JVEGA', '+48 12 555 9343', TO_DATE('19-03-2021', 'DD-MM-YYYY'), 'SHIP_CLRK', 4100, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 134, 'Tāne', 'Ngata', 'TNGATA', '+81 6 5555 4135', TO_DATE('02-01-2014', 'DD-MM-YYYY'), 'SHIP_CLRK', 3700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 135, 'Chloé', 'Okonkwo', 'COKONKWO', '+64 4 555 1052', TO_DATE('20-12-2013', 'DD-MM-YYYY'), 'SHIP_CLRK', 4000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 136, 'Kwame', 'Adeyemi', 'KADEYEMI', '+353 1 555 6924', TO_DATE('09-03-2017', 'DD-MM-YYYY'), 'SHIP_CLRK', 4600, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 137, 'Pilar', 'St. John', 'PSTJOHN', '+64 4 555 5668', TO_DATE('17-12-2009', 'DD-MM-YYYY'), 'SHIP_CLRK', 4900, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 138, 'Maeve', 'Wójcik', 'MWOJCIK', '+49 40 555 6378', TO_DATE('19-05-2016', 'DD-MM-YYYY'), 'SHIP_CLRK', 4500.99, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 139, 'Ravi', 'McAllister', 'RMCALLISTER', '+81 6 5555 8345', TO_DATE('17-12-2011', 'DD-MM-YYYY'), 'SHIP_CLRK', 3500.05, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 140, 'Eoin', 'Wójcik', 'EWOJCIK', '+1 206 555 5047', TO_DATE('16-01-2011', 'DD-MM-YYYY'), 'SHIP_CLRK', 5400, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 141, 'Priya', 'Roth', 'PROTH', '+91 80 5555 3844', TO_DATE('13-08-2009', 'DD-MM-YYYY'), 'SHIP_CLRK', 4200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 142, 'Pilar', 'Ní Bhriain', 'PNIBHRIAIN', '+91 80 5555 7595', TO_DATE('23-03-2015', 'DD-MM-YYYY'), 'STOCK_CLRK', 2000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 143, 'Agnieszka', 'Schäfer', 'ASCHAFER', '+48 12 555 4676', TO_DATE('10-01-2012', 'DD-MM-YYYY'), 'STOCK_CLRK', 4500, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 144, 'Aroha', 'Ruiz', 'ARUIZ', '+48 12 555 5569', TO_DATE('04-02-2020', 'DD-MM-YYYY'), 'STOCK_CLRK', 3700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 145, 'Luíza', 'Шевченко', 'LSHEVCHENKO', '+1 604 555 5002', TO_DATE('28-11-2013', 'DD-MM-YYYY'), 'STOCK_CLRK', 2700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 146, 'Tāne', 'Dvořák', 'TDVORAK', '+1 206 555 7857', TO_DATE('27-04-2022', 'DD-MM-YYYY'), 'STOCK_CLRK', 4800.99, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 147, 'Urs', 'Gonçalves', 'UGONCALVES', '+55 11 5555 3264', TO_DATE('23-04-2015', 'DD-MM-YYYY'), 'STOCK_CLRK', 5100, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 148, 'Ingrid', 'Ní Bhriain', 'INIBHRIAIN', '+91 80 5555 2175', TO_DATE('15-10-2009', 'DD-MM-YYYY'), 'STOCK_CLRK', 2100, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 149, 'Inês', 'Ibáñez', 'IIBANEZ', '+43 1 555 9688', TO_DATE('30-12-2013', 'DD-MM-YYYY'), 'STOCK_CLRK', 5000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 150, 'Camila', 'Dvořák', 'CDVORAK', '+1 206 555 1240', TO_DATE('03-10-2017', 'DD-MM-YYYY'), 'STOCK_CLRK', 5000.05, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 151, 'Marta', 'Παπαδόπουλος', 'MPAPADOPOULOS', '+1 604 555 7713', TO_DATE('07-05-2022', 'DD-MM-YYYY'), 'STOCK_CLRK', 4800, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 152, 'Amina', 'Lee', 'ALEE2', '+48 12 555 2076', TO_DATE('21-04-2014', 'DD-MM-YYYY'), 'STOCK_CLRK', 4200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 153, 'Dmytro', 'Lefèvre', 'DLEFEVRE', '+1 206 555 7213', TO_DATE('03-09-2011', 'DD-MM-YYYY'), 'STOCK_CLRK', 4300.25, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 154, 'Aoife', 'Adeyemi', 'AADEYEMI', NULL, TO_DATE('07-02-2011', 'DD-MM-YYYY'), 'STOCK_CLRK', 3500.50, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 155, 'Zoë', 'Okonkwo', 'ZOKONKWO', '+34 91 555 8224', TO_DATE('02-12-2018', 'DD-MM-YYYY'), 'STOCK_CLRK', 3200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 156, 'Νίκος', 'Fischer', 'NFISCHER', '+1 206 555 0899', TO_DATE('14-01-2021', 'DD-MM-YYYY'), 'PROGRAMMER', 7200.05, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 157, 'Mateo', 'Hughes', 'MHUGHES', '+34 91 555 4584', TO_DATE('31-10-2011', 'DD-MM-YYYY'), 'PROGRAMMER', 5700, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 158, 'Björk', 'Wallace', 'BWALLACE', '+353 1 555 5466', TO_DATE('04-02-2021', 'DD-MM-YYYY'), 'PROGRAMMER', 10500, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 159, 'Chloé', 'Walsh', 'CWALSH', '+1 206 555 4790', TO_DATE('28-10-2020', 'DD-MM-YYYY'), 'PROGRAMMER', 7500, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 160, 'Łukasz', 'Παπαδόπουλος', 'LPAPADOPOULOS', NULL, TO_DATE('01-06-2016', 'DD-MM-YYYY'), 'PROGRAMMER', 5700, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 161, 'Reto', '山田', 'RYAMADA', '+91 80 5555 6172', TO_DATE('30-05-2020', 'DD-MM-YYYY'), 'PROGRAMMER', 9100, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 162, 'Pilar', 'Dupont', 'PDUPONT', '+91 80 5555 1722', TO_DATE('20-11-2017', 'DD-MM-YYYY'), 'PROGRAMMER', 7500, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 163, 'Ewa', 'Parata', 'EPARATA', '+353 1 555 8952', TO_DATE('04-07-2010', 'DD-MM-YYYY'), 'PROGRAMMER', 10200, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 164, 'Eoin', 'Gonçalves', 'EGONCALVES', '+33 4 555 5481', TO_DATE('09-05-2015', 'DD-MM-YYYY'), 'PROGRAMMER', 5600.50, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 165, 'Emre', 'Ionescu', 'EIONESCU', '+64 4 555 9947', TO_DATE('26-08-2017', 'DD-MM-YYYY'), 'DBA', 8100, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 166, 'Łukasz', 'Müller', 'LMULLER', '+48 12 555 6542', TO_DATE('23-01-2011', 'DD-MM-YYYY'), 'DBA', 6500, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 167, 'Björk', 'Müller', 'BMULLER2', '+1 604 555 8485', TO_DATE('20-10-2010', 'DD-MM-YYYY'), 'PR_REP', 6000, NULL, 109, 70 );
INSERT INTO employees VALUES
  ( 168, 'Aoife', 'Sánchez', 'ASANCHEZ', '+91 80 5555 3475', TO_DATE('22-10-2019', 'DD-MM-YYYY'), 'PR_REP', 6600, NULL, 109, 70 );
INSERT INTO employees VALUES
  ( 169, 'Nuno', 'Schäfer', 'NSCHAFER', '+34 91 555 3634', TO_DATE('07-09-2016', 'DD-MM-YYYY'), 'FIN_ACCT', 8700, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 170, 'Íñigo', 'Parata', 'IPARATA', '+1 604 555 8261', TO_DATE('25-03-2017', 'DD-MM-YYYY'), 'FIN_ACCT', 4300, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 171, 'Ava', '김', 'AKIM', '+353 1 555 5603', TO_DATE('17-04-2018', 'DD-MM-YYYY'), 'FIN_ACCT', 9100.25, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 172, 'Ewa', 'Costa', 'ECOSTA', '+353 1 555 3144', TO_DATE('27-11-2015', 'DD-MM-YYYY'), 'FIN_ACCT', 6800, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 173, 'Björk', 'Çelik', 'BCELIK', '+1 206 555 7984', TO_DATE('01-11-2016', 'DD-MM-YYYY'), 'FIN_ACCT', 8300, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 174, 'Noah', 'Novotná', 'NNOVOTNA', '+55 11 5555 7521', TO_DATE('11-08-2009', 'DD-MM-YYYY'), 'PUB_ACCT', 6300, NULL, 112, 110 );
INSERT INTO employees VALUES
  ( 175, 'Søren', 'Girard', 'SGIRARD', '+43 1 555 7748', TO_DATE('20-02-2014', 'DD-MM-YYYY'), 'PUB_ACCT', 5100, NULL, 112, 110 );
INSERT INTO employees VALUES
  ( 176, 'Jan', 'Kowalczyk', 'JKOWALCZYK', '+48 12 555 9318', TO_DATE('19-10-2012', 'DD-MM-YYYY'), 'PUB_ACCT', 5000, NULL, 112, 110 );
INSERT INTO employees VALUES
  ( 177, 'Urs', 'Parata', 'UPARATA', '+34 91 555 2639', TO_DATE('22-01-2012', 'DD-MM-YYYY'), 'RESEARCHER', 9300, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 178, 'Aoife', 'Ionescu', 'AIONESCU', '+49 40 555 1668', TO_DATE('03-01-2014', 'DD-MM-YYYY'), 'RESEARCHER', 8500.99, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 179, 'Noémie', 'Sánchez', 'NSANCHEZ', '+43 1 555 0011', TO_DATE('19-01-2011', 'DD-MM-YYYY'), 'RESEARCHER', 6000, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 180, 'Nuno', 'McAllister', 'NMCALLISTER', '+49 40 555 8220', TO_DATE('20-10-2018', 'DD-MM-YYYY'), 'RESEARCHER', 5300, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 181, 'Werner', 'Keane', 'WKEANE', '+43 1 555 6411', TO_DATE('11-08-2023', 'DD-MM-YYYY'), 'RESEARCHER', 5600, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 182, 'Kwame', 'Schäfer', 'KSCHAFER', '+55 11 5555 0459', TO_DATE('30-08-2016', 'DD-MM-YYYY'), 'RESEARCHER', 11100, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 183, 'Ravi', 'Größer', 'RGROSSER', '+81 6 5555 3399', TO_DATE('02-10-2017', 'DD-MM-YYYY'), 'SUPPORT', 5500, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 184, 'Wanjiru', 'Größer', 'WGROSSER', '+33 4 555 5792', TO_DATE('04-04-2023', 'DD-MM-YYYY'), 'SUPPORT', 8200.99, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 185, 'Björk', 'Παπαδόπουλος', 'BPAPADOPOULOS', '+33 4 555 0377', TO_DATE('30-12-2019', 'DD-MM-YYYY'), 'SUPPORT', 5600, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 186, 'Jürgen', 'Horváth', 'JHORVATH', '+43 1 555 4773', TO_DATE('05-12-2018', 'DD-MM-YYYY'), 'SUPPORT', 7900.05, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 187, 'Kwame', 'Ferreira da Silva', 'KFERREIRADASILVA', NULL, TO_DATE('15-12-2018', 'DD-MM-YYYY'), 'SUPPORT', 6500, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 188, 'Olivia', 'Iyer', 'OIYER', NULL, TO_DATE('27-09-2017', 'DD-MM-YYYY'), 'SUPPORT', 8200, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 189, 'Wanjiru', 'McAllister', 'WMCALLISTER', '+91 80 5555 6646', TO_DATE('06-06-2017', 'DD-MM-YYYY'), 'SUPPORT', 7800, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 190, 'José', 'Moreau', 'JMOREAU', '+1 604 555 4406', TO_DATE('30-03-2009', 'DD-MM-YYYY'), 'SUPPORT', 8400, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 191, 'Luíza', 'Adeyemi', 'LADEYEMI', '+43 1 555 6081', TO_DATE('29-04-2015', 'DD-MM-YYYY'), 'WELDER', 2700, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 192, 'Pádraig', 'Horváth', 'PHORVATH', '+64 4 555 9460', TO_DATE('14-03-2010', 'DD-MM-YYYY'), 'WELDER', 3500, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 193, 'Mere', 'Kowalczyk', 'MKOWALCZYK', '+91 80 5555 2388', TO_DATE('03-10-2013', 'DD-MM-YYYY'), 'WELDER', 5900.25, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 194, 'Siân', 'Lefèvre', 'SLEFEVRE', '+81 6 5555 7445', TO_DATE('04-12-2018', 'DD-MM-YYYY'), 'WELDER', 5400, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 195, '민준', 'Þorvaldsson', 'MTHORVALDSSON', '+353 1 555 2817', TO_DATE('27-04-2017', 'DD-MM-YYYY'), 'WELDER', 3500, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 196, '花子', 'Größer', 'HGROSSER', '+81 6 5555 0137', TO_DATE('01-10-2015', 'DD-MM-YYYY'), 'WELDER', 3600, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 197, 'Noah', 'Dupont', 'NDUPONT', NULL, TO_DATE('20-02-2010', 'DD-MM-YYYY'), 'WELDER', 3900, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 198, 'Emma', 'Novotná', 'ENOVOTNA', '+64 4 555 7358', TO_DATE('18-05-2015', 'DD-MM-YYYY'), 'WELDER', 5500, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 199, 'Luíza', 'Park', 'LPARK', NULL, TO_DATE('04-11-2013', 'DD-MM-YYYY'), 'WELDER', 5100, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 200, '花子', 'Schäfer', 'HSCHAFER', '+91 80 5555 4173', TO_DATE('21-01-2010', 'DD-MM-YYYY'), 'LAWYER', 8900.99, NULL, 116, 150 );
INSERT INTO employees VALUES
  ( 201, 'Heidi', 'Yılmaz', 'HYILMAZ', '+64 4 555 7595', TO_DATE('26-06-2021', 'DD-MM-YYYY'), 'LAWYER', 11800, NULL, 116, 150 );
INSERT INTO employees VALUES
  ( 202, 'Łukasz', 'Price', 'LPRICE', '+91 80 5555 6161', TO_DATE('06-10-2022', 'DD-MM-YYYY'), 'TRAINER', 7300, NULL, 106, 160 );
INSERT INTO employees VALUES
  ( 203, 'Ewa', 'St. John', 'ESTJOHN', '+33 4 555 7631', TO_DATE('07-10-2013', 'DD-MM-YYYY'), 'TRAINER', 5000, NULL, 106, 160 );
INSERT INTO employees VALUES
  ( 204, 'Noah', 'McAllister', 'NMCALLISTER2', '+64 4 555 4313', TO_DATE('30-06-2012', 'DD-MM-YYYY'), 'SALES_REP', 12300.05, .35, 117, 80 );
INSERT INTO employees VALUES
  ( 205, 'Dmytro', 'Müller', 'DMULLER', '+48 12 555 1110', TO_DATE('14-11-2022', 'DD-MM-YYYY'), 'SALES_REP', 10300, .1, 110, 80 );
INSERT INTO employees VALUES
  ( 206, 'Ольга', 'Ångström', 'OANGSTROM', '+33 4 555 2927', TO_DATE('27-05-2015', 'DD-MM-YYYY'), 'SALES_REP', 10700, .25, 117, 80 );
INSERT INTO employees VALUES
  ( 207, 'Liam', 'Hughes', 'LHUGHES', NULL, TO_DATE('12-08-2010', 'DD-MM-YYYY'), 'SALES_REP', 11300.99, .35, 110, 80 );
INSERT INTO employees VALUES
  ( 208, '花子', 'Price', 'HPRICE', '+43 1 555 4643', TO_DATE('31-05-2011', 'DD-MM-YYYY'), 'SALES_REP', 10400, .3, 117, 80 );
INSERT INTO employees VALUES
  ( 209, 'Heidi', 'Ferreira da Silva', 'HFERREIRADASILVA', '+49 40 555 8760', TO_DATE('19-01-2022', 'DD-MM-YYYY'), 'SALES_REP', 5600, .4, 110, 80 );
INSERT INTO employees VALUES
  ( 210, 'François', '김', 'FKIM', '+49 40 555 2552', TO_DATE('13-02-2022', 'DD-MM-YYYY'), 'SALES_REP', 5700, .3, 117, 80 );
INSERT INTO employees VALUES
  ( 211, 'José', 'Horváth', 'JHORVATH2', '+64 4 555 2552', TO_DATE('13-08-2021', 'DD-MM-YYYY'), 'SALES_REP', 12200, .15, 110, 80 );
INSERT INTO employees VALUES
  ( 212, 'Lucas', 'Παπαδόπουλος', 'LPAPADOPOULOS2', '+43 1 555 5981', TO_DATE('02-01-2018', 'DD-MM-YYYY'), 'SALES_REP', 11000, .2, 117, 80 );
INSERT INTO employees VALUES
  ( 213, 'Ewa', 'Byrne', 'EBYRNE', '+81 6 5555 5868', TO_DATE('02-08-2023', 'DD-MM-YYYY'), 'SALES_REP', 7800.25, .4, 110, 80 );
INSERT INTO employees VALUES
  ( 214, 'Mia', 'Ferreira da Silva', 'MFERREIRADASILVA', '+48 12 555 9594', TO_DATE('06-01-2021', 'DD-MM-YYYY'), 'SALES_REP', 8700, .3, 117, 80 );
INSERT INTO employees VALUES
  ( 215, 'Ravi', 'Walsh', 'RWALSH', '+353 1 555 6818', TO_DATE('26-04-2022', 'DD-MM-YYYY'), 'SALES_REP', 11300.50, .2, 110, 80 );
INSERT INTO employees VALUES
  ( 216, 'Ava', 'St. John', 'ASTJOHN2', '+91 80 5555 3627', TO_DATE('03-03-2010', 'DD-MM-YYYY'), 'SALES_REP', 6800, .15, 117, 80 );
INSERT INTO employees VALUES
  ( 217, 'Jan', 'Costa', 'JCOSTA', '+353 1 555 0446', TO_DATE('06-06-2023', 'DD-MM-YYYY'), 'SALES_REP', 10600, .2, 110, 80 );
INSERT INTO employees VALUES
  ( 218, '민준', 'Iyer', 'MIYER', '+91 80 5555 3880', TO_DATE('09-11-2016', 'DD-MM-YYYY'), 'SALES_REP', 5500, .1, 117, 80 );
INSERT INTO employees VALUES
  ( 219, 'Tāne', 'Mwangi', 'TMWANGI', '+34 91 555 0547', TO_DATE('21-06-2011', 'DD-MM-YYYY'), 'SALES_REP', 10000, .3, 110, 80 );
INSERT INTO employees VALUES
  ( 220, 'Mere', 'Smith-Jones', 'MSMITHJONES', '+81 6 5555 2081', TO_DATE('11-10-2011', 'DD-MM-YYYY'), 'SALES_REP', 9400, .15, 117, NULL );
INSERT INTO employees VALUES
  ( 221, NULL, 'Wallace', 'WALLACE', '+81 6 5555 4178', TO_DATE('01-07-2022', 'DD-MM-YYYY'), 'RESEARCHER', 7800, NULL, 113, 120 );

REM --- Job history

INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 108, TO_DATE('05-07-2013', 'DD-MM-YYYY'), TO_DATE('09-08-2014', 'DD-MM-YYYY'), 'SALES_REP', 80 );
INSERT INTO job_history
VALUES ( 108, TO_DATE('10-08-2014', 'DD-MM-YYYY'), TO_DATE('30-03-2016', 'DD-MM-YYYY'), 'SHIP_CLRK', 80 );
INSERT INTO job_history
VALUES ( 114, TO_DATE('30-05-2006', 'DD-MM-YYYY'), TO_DATE('10-06-2009', 'DD-MM-YYYY'), 'HR_REP', 20 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 116, TO_DATE('13-01-2020', 'DD-MM-YYYY'), TO_DATE('16-02-2021', 'DD-MM-YYYY'), 'SALES_MGR', 140 );
INSERT INTO job_history
VALUES ( 116, TO_DATE('17-02-2021', 'DD-MM-YYYY'), TO_DATE('24-06-2023', 'DD-MM-YYYY'), 'FIN_ACCT', 110 );
INSERT INTO job_history
VALUES ( 121, TO_DATE('28-10-2005', 'DD-MM-YYYY'), TO_DATE('18-01-2009', 'DD-MM-YYYY'), 'PROGRAMMER', 70 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 125, TO_DATE('25-05-2012', 'DD-MM-YYYY'), TO_DATE('22-10-2015', 'DD-MM-YYYY'), 'PUB_ACCT', 50 );
INSERT INTO job_history
VALUES ( 126, TO_DATE('08-10-2012', 'DD-MM-YYYY'), TO_DATE('17-12-2015', 'DD-MM-YYYY'), 'STOCK_CLRK', 70 );
INSERT INTO job_history
VALUES ( 148, TO_DATE('14-03-2008', 'DD-MM-YYYY'), TO_DATE('09-10-2009', 'DD-MM-YYYY'), 'HR_REP', 10 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 161, TO_DATE('02-01-2018', 'DD-MM-YYYY'), TO_DATE('28-05-2020', 'DD-MM-YYYY'), 'FIN_ACCT', 60 );
INSERT INTO job_history
VALUES ( 165, TO_DATE('27-08-2013', 'DD-MM-YYYY'), TO_DATE('01-10-2014', 'DD-MM-YYYY'), 'LAWYER', 30 );
INSERT INTO job_history
VALUES ( 165, TO_DATE('02-10-2014', 'DD-MM-YYYY'), TO_DATE('07-08-2017', 'DD-MM-YYYY'), 'DBA', 70 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 168, TO_DATE('28-08-2016', 'DD-MM-YYYY'), TO_DATE('15-10-2019', 'DD-MM-YYYY'), 'PURCH_CLRK', 80 );
INSERT INTO job_history
VALUES ( 177, TO_DATE('25-07-2008', 'DD-MM-YYYY'), TO_DATE('29-08-2009', 'DD-MM-YYYY'), 'MKT_REP', NULL );
INSERT INTO job_history
VALUES ( 177, TO_DATE('30-08-2009', 'DD-MM-YYYY'), TO_DATE('06-01-2012', 'DD-MM-YYYY'), 'RESEARCHER', 50 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 183, TO_DATE('13-10-2013', 'DD-MM-YYYY'), TO_DATE('17-11-2014', 'DD-MM-YYYY'), 'SHIP_CLRK', 130 );
INSERT INTO job_history
VALUES ( 183, TO_DATE('18-11-2014', 'DD-MM-YYYY'), TO_DATE('23-09-2017', 'DD-MM-YYYY'), 'SALES_MGR', 150 );
INSERT INTO job_history
VALUES ( 195, TO_DATE('01-12-2015', 'DD-MM-YYYY'), TO_DATE('24-04-2017', 'DD-MM-YYYY'), 'WELDER', 30 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 213, TO_DATE('26-11-2021', 'DD-MM-YYYY'), TO_DATE('19-07-2023', 'DD-MM-YYYY'), 'MKT_REP', 40 );

ALTER TABLE departments
  ENABLE CONSTRAINT dept_mgr_fk;

COMMIT;
