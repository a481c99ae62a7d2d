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
  ( 100, 'Ingrid', 'Horváth', 'IHORVATH', '+1 206 555 5266', TO_DATE('24-10-2004', 'DD-MM-YYYY'), 'PRESIDENT', 23200, NULL, NULL, 90 );
INSERT INTO employees VALUES
  ( 101, 'Siân', 'Steiner', 'SSTEINER', '+81 6 5555 5678', TO_DATE('12-12-2006', 'DD-MM-YYYY'), 'VICE_PRES', 22500, NULL, 100, 90 );
INSERT INTO employees VALUES
  ( 102, 'Mateo', 'Größer', 'MGROSSER', '+1 206 555 4306', TO_DATE('01-12-2007', 'DD-MM-YYYY'), 'VICE_PRES', 30000.25, NULL, 100, 90 );
INSERT INTO employees VALUES
  ( 103, 'Aroha', 'Huber', 'AHUBER', '+1 604 555 8845', TO_DATE('24-10-2015', 'DD-MM-YYYY'), 'ADMIN_ASST', 3000, NULL, 101, 10 );
INSERT INTO employees VALUES
  ( 104, 'Liam', 'Mwangi', 'LMWANGI', '+64 4 555 1190', TO_DATE('25-05-2010', 'DD-MM-YYYY'), 'MKT_MGR', 15500, NULL, 100, 20 );
INSERT INTO employees VALUES
  ( 105, 'Anaïs', 'van der Berg', 'AVANDERBERG', '+81 6 5555 7131', TO_DATE('16-09-2013', 'DD-MM-YYYY'), 'PURCH_MGR', 12700, NULL, 100, 30 );
INSERT INTO employees VALUES
  ( 106, '민준', 'Chatterjee', 'MCHATTERJEE', '+353 1 555 1403', TO_DATE('13-12-2019', 'DD-MM-YYYY'), 'HR_REP', 6900, NULL, 101, 40 );
INSERT INTO employees VALUES
  ( 107, 'Siân', 'Okonkwo', 'SOKONKWO', '+49 40 555 1460', TO_DATE('24-07-2021', 'DD-MM-YYYY'), 'STOCK_MGR', 5800, NULL, 100, 50 );
INSERT INTO employees VALUES
  ( 108, 'Pádraig', 'Шевченко', 'PSHEVCHENKO', '+353 1 555 3069', TO_DATE('09-06-2019', 'DD-MM-YYYY'), 'DBA', 8500, NULL, 102, 60 );
INSERT INTO employees VALUES
  ( 109, 'Zoë', 'Costa', 'ZCOSTA', '+55 11 5555 6006', TO_DATE('09-10-2022', 'DD-MM-YYYY'), 'PR_REP', 10400, NULL, 101, 70 );
INSERT INTO employees VALUES
  ( 110, 'Hiroshi', 'Almeida', 'HALMEIDA', '+1 206 555 2390', TO_DATE('28-04-2017', 'DD-MM-YYYY'), 'SALES_MGR', 14400, .3, 100, 80 );
INSERT INTO employees VALUES
  ( 111, 'Chinonso', 'Novak', 'CNOVAK', '+91 80 5555 6678', TO_DATE('14-03-2014', 'DD-MM-YYYY'), 'FIN_MGR', 14000, NULL, 101, 100 );
INSERT INTO employees VALUES
  ( 112, 'Emre', 'Çelik', 'ECELIK', '+81 6 5555 1999', TO_DATE('07-10-2010', 'DD-MM-YYYY'), 'FIN_MGR', 12000, NULL, 101, 110 );
INSERT INTO employees VALUES
  ( 113, 'Tāne', 'Lee', 'TLEE', '+34 91 555 7334', TO_DATE('10-07-2010', 'DD-MM-YYYY'), 'RESEARCHER', 8300, NULL, 102, 120 );
INSERT INTO employees VALUES
  ( 114, 'Nuno', 'Keane', 'NKEANE', '+1 604 555 6199', TO_DATE('12-12-2009', 'DD-MM-YYYY'), 'SUPPORT', 4200.99, NULL, 102, 130 );
INSERT INTO employees VALUES
  ( 115, 'José', 'Wallace', 'JWALLACE', '+1 206 555 8083', TO_DATE('29-04-2009', 'DD-MM-YYYY'), 'STOCK_MGR', 6000, NULL, 100, 140 );
INSERT INTO employees VALUES
  ( 116, 'José', 'Yılmaz', 'JYILMAZ', '+48 12 555 6854', TO_DATE('29-05-2016', 'DD-MM-YYYY'), 'LAWYER', 15400, NULL, 100, 150 );
INSERT INTO employees VALUES
  ( 117, 'Ewa', 'Girard', 'EGIRARD', '+49 40 555 1248', TO_DATE('16-01-2023', 'DD-MM-YYYY'), 'SALES_MGR', 19000, .25, 100, 80 );
INSERT INTO employees VALUES
  ( 118, 'Seraina', 'Schäfer', 'SSCHAFER', '+1 206 555 5761', TO_DATE('12-12-2023', 'DD-MM-YYYY'), 'MKT_REP', 6200, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 119, 'Marta', 'Hughes', 'MHUGHES', '+34 91 555 1609', TO_DATE('17-03-2019', 'DD-MM-YYYY'), 'MKT_REP', 8900, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 120, 'Pilar', '김', 'PKIM', '+64 4 555 8629', TO_DATE('25-02-2018', 'DD-MM-YYYY'), 'MKT_REP', 7900, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 121, 'Kwame', 'Smith-Jones', 'KSMITHJONES', '+49 40 555 8921', TO_DATE('19-07-2018', 'DD-MM-YYYY'), 'MKT_REP', 6300, NULL, 104, 20 );
INSERT INTO employees VALUES
  ( 122, 'Jan', 'Lefèvre', 'JLEFEVRE', '+91 80 5555 4135', TO_DATE('02-01-2014', 'DD-MM-YYYY'), 'PURCH_CLRK', 4100, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 123, 'Ayşe', 'Ní Bhriain', 'ANIBHRIAIN', '+64 4 555 1052', TO_DATE('20-12-2013', 'DD-MM-YYYY'), 'PURCH_CLRK', 3400, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 124, 'Kwame', 'Mensah', 'KMENSAH', '+55 11 5555 0327', TO_DATE('12-01-2014', 'DD-MM-YYYY'), 'PURCH_CLRK', 4000, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 125, 'Ute', 'Moreau', 'UMOREAU', '+48 12 555 5668', TO_DATE('17-12-2009', 'DD-MM-YYYY'), 'PURCH_CLRK', 5000, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 126, 'Heidi', 'Parata', 'HPARATA', '+55 11 5555 5568', TO_DATE('30-06-2015', 'DD-MM-YYYY'), 'PURCH_CLRK', 4600, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 127, 'Ayşe', 'Núñez', 'ANUNEZ', NULL, TO_DATE('19-12-2019', 'DD-MM-YYYY'), 'PURCH_CLRK', 4600, NULL, 105, 30 );
INSERT INTO employees VALUES
  ( 128, 'Ewa', '山田', 'EYAMADA', '+48 12 555 5502', TO_DATE('30-06-2021', 'DD-MM-YYYY'), 'HR_REP', 5200, NULL, 106, 40 );
INSERT INTO employees VALUES
  ( 129, 'Bruce', 'Rojas', 'BROJAS', '+43 1 555 2562', TO_DATE('17-01-2022', 'DD-MM-YYYY'), 'HR_REP', 6000, NULL, 106, 40 );
INSERT INTO employees VALUES
  ( 130, '太郎', 'Ramanathan', 'TRAMANATHAN', '+64 4 555 9544', TO_DATE('04-12-2017', 'DD-MM-YYYY'), 'SHIP_CLRK', 3700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 131, 'Eoin', 'Iyer', 'EIYER', '+91 80 5555 7595', TO_DATE('23-03-2015', 'DD-MM-YYYY'), 'SHIP_CLRK', 2400, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 132, 'Mia', 'Fraser', 'MFRASER', '+81 6 5555 5965', TO_DATE('16-02-2017', 'DD-MM-YYYY'), 'SHIP_CLRK', 3400, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 133, 'Arjun', 'Fischer', 'AFISCHER', '+1 604 555 4352', TO_DATE('05-08-2016', 'DD-MM-YYYY'), 'SHIP_CLRK', 2800, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 134, 'Reto', 'Ferreira da Silva', 'RFERREIRADASILVA', '+49 40 555 1864', TO_DATE('25-07-2011', 'DD-MM-YYYY'), 'SHIP_CLRK', 4700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 135, 'Guðrún', 'Popescu', 'GPOPESCU', '+34 91 555 0497', TO_DATE('29-03-2019', 'DD-MM-YYYY'), 'SHIP_CLRK', 5400, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 136, 'Chinonso', 'Vega', 'CVEGA', '+1 206 555 1756', TO_DATE('20-02-2017', 'DD-MM-YYYY'), 'SHIP_CLRK', 4000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 137, 'Dmytro', 'Dupont', 'DDUPONT', '+1 206 555 4356', TO_DATE('27-04-2022', 'DD-MM-YYYY'), 'SHIP_CLRK', 4500, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 138, 'Jürgen', 'St. John', 'JSTJOHN', '+33 4 555 8949', TO_DATE('15-05-2012', 'DD-MM-YYYY'), 'SHIP_CLRK', 3000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 139, 'Liam', 'D''Angelo', 'LDANGELO', '+91 80 5555 0309', TO_DATE('24-12-2011', 'DD-MM-YYYY'), 'SHIP_CLRK', 3400, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 140, 'Íñigo', 'Roth', 'IROTH', '+1 206 555 6994', TO_DATE('07-04-2022', 'DD-MM-YYYY'), 'SHIP_CLRK', 5400.50, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 141, 'Bruce', 'Sørensen', 'BSORENSEN', '+49 40 555 8673', TO_DATE('13-10-2019', 'DD-MM-YYYY'), 'SHIP_CLRK', 4400, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 142, 'Ольга', 'Nowak', 'ONOWAK', '+91 80 5555 1240', TO_DATE('03-10-2017', 'DD-MM-YYYY'), 'STOCK_CLRK', 3100, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 143, 'Inês', 'Παπαδόπουλος', 'IPAPADOPOULOS', '+48 12 555 6605', TO_DATE('15-04-2012', 'DD-MM-YYYY'), 'STOCK_CLRK', 2700, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 144, 'Guðrún', 'Ionescu', 'GIONESCU', '+48 12 555 2076', TO_DATE('21-04-2014', 'DD-MM-YYYY'), 'STOCK_CLRK', 4200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 145, 'Ngozi', 'Müller', 'NMULLER', '+64 4 555 9974', TO_DATE('04-09-2020', 'DD-MM-YYYY'), 'STOCK_CLRK', 2300, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 146, 'Urs', 'McAllister', 'UMCALLISTER', '+91 80 5555 1951', TO_DATE('24-05-2014', 'DD-MM-YYYY'), 'STOCK_CLRK', 4900, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 147, '太郎', 'Gonçalves', 'TGONCALVES', NULL, TO_DATE('07-02-2011', 'DD-MM-YYYY'), 'STOCK_CLRK', 2200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 148, 'Agnieszka', 'O''Malley', 'AOMALLEY', '+34 91 555 8224', TO_DATE('02-12-2018', 'DD-MM-YYYY'), 'STOCK_CLRK', 2900, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 149, 'Pádraig', 'Novotná', 'PNOVOTNA', '+1 604 555 7228', TO_DATE('26-03-2010', 'DD-MM-YYYY'), 'STOCK_CLRK', 3900, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 150, 'Björk', '鈴木', 'BSUZUKI', '+1 206 555 2126', TO_DATE('23-04-2015', 'DD-MM-YYYY'), 'STOCK_CLRK', 2200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 151, 'Liam', 'Jónsdóttir', 'LJONSDOTTIR', '+43 1 555 7058', TO_DATE('17-04-2009', 'DD-MM-YYYY'), 'STOCK_CLRK', 2800, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 152, 'Mateo', 'Adeyemi', 'MADEYEMI', '+91 80 5555 4199', TO_DATE('19-12-2012', 'DD-MM-YYYY'), 'STOCK_CLRK', 3200, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 153, 'Camila', 'Tanaka', 'CTANAKA', '+55 11 5555 0376', TO_DATE('25-11-2011', 'DD-MM-YYYY'), 'STOCK_CLRK', 3800, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 154, 'Ngozi', 'Kowalczyk', 'NKOWALCZYK', '+1 604 555 2055', TO_DATE('29-01-2010', 'DD-MM-YYYY'), 'STOCK_CLRK', 3500.99, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 155, 'José', 'Sánchez', 'JSANCHEZ', '+55 11 5555 6417', TO_DATE('19-01-2015', 'DD-MM-YYYY'), 'STOCK_CLRK', 5000, NULL, 107, 50 );
INSERT INTO employees VALUES
  ( 156, 'Chinonso', 'Żółkowski', 'CZOLKOWSKI', '+1 604 555 8772', TO_DATE('23-04-2018', 'DD-MM-YYYY'), 'PROGRAMMER', 5400, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 157, 'Dmytro', 'Wójcik', 'DWOJCIK', '+353 1 555 8952', TO_DATE('04-07-2010', 'DD-MM-YYYY'), 'PROGRAMMER', 7000, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 158, 'Ute', 'Byrne', 'UBYRNE', '+353 1 555 2771', TO_DATE('09-05-2015', 'DD-MM-YYYY'), 'PROGRAMMER', 6600, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 159, '太郎', 'Castillo', 'TCASTILLO', '+64 4 555 9947', TO_DATE('26-08-2017', 'DD-MM-YYYY'), 'PROGRAMMER', 7200, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 160, 'Luíza', 'Dvořák', 'LDVORAK', '+91 80 5555 6542', TO_DATE('23-01-2011', 'DD-MM-YYYY'), 'PROGRAMMER', 4200.99, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 161, 'Kylie', 'Ångström', 'KANGSTROM', '+48 12 555 6240', TO_DATE('20-10-2010', 'DD-MM-YYYY'), 'PROGRAMMER', 4200, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 162, 'Seraina', 'Þorvaldsson', 'STHORVALDSSON', '+55 11 5555 3475', TO_DATE('22-10-2019', 'DD-MM-YYYY'), 'PROGRAMMER', 6500, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 163, 'José', 'Ibáñez', 'JIBANEZ', '+34 91 555 4848', TO_DATE('07-09-2016', 'DD-MM-YYYY'), 'PROGRAMMER', 8100, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 164, 'Emma', 'Kiss', 'EKISS', '+55 11 5555 2694', TO_DATE('12-11-2015', 'DD-MM-YYYY'), 'PROGRAMMER', 9400.05, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 165, 'Guðrún', 'Campbell', 'GCAMPBELL', '+353 1 555 5603', TO_DATE('17-04-2018', 'DD-MM-YYYY'), 'DBA', 5500, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 166, 'Björk', 'Berger', 'BBERGER', '+1 206 555 0981', TO_DATE('27-11-2015', 'DD-MM-YYYY'), 'DBA', 9700, NULL, 108, 60 );
INSERT INTO employees VALUES
  ( 167, 'Kylie', 'Price', 'KPRICE', '+33 4 555 7294', TO_DATE('30-01-2022', 'DD-MM-YYYY'), 'PR_REP', 8600, NULL, 109, 70 );
INSERT INTO employees VALUES
  ( 168, 'Mere', 'Park', 'MPARK', '+55 11 5555 5604', TO_DATE('18-11-2020', 'DD-MM-YYYY'), 'PR_REP', 6300, NULL, 109, 70 );
INSERT INTO employees VALUES
  ( 169, 'Bruce', 'Walsh', 'BWALSH', '+353 1 555 0859', TO_DATE('05-05-2012', 'DD-MM-YYYY'), 'FIN_ACCT', 8900, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 170, 'Ngozi', 'Ngata', 'NNGATA', '+48 12 555 3753', TO_DATE('19-05-2011', 'DD-MM-YYYY'), 'FIN_ACCT', 9000, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 171, 'Carla', 'Ruiz', 'CRUIZ', '+33 4 555 7241', TO_DATE('27-04-2018', 'DD-MM-YYYY'), 'FIN_ACCT', 6400, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 172, 'Wanjiru', 'Horváth', 'WHORVATH', '+33 4 555 3084', TO_DATE('04-03-2009', 'DD-MM-YYYY'), 'FIN_ACCT', 8100, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 173, 'Ingrid', 'Steiner', 'ISTEINER', '+49 40 555 1668', TO_DATE('03-01-2014', 'DD-MM-YYYY'), 'FIN_ACCT', 5800.99, NULL, 111, 100 );
INSERT INTO employees VALUES
  ( 174, 'Zoë', 'Größer', 'ZGROSSER', '+43 1 555 5407', TO_DATE('09-03-2011', 'DD-MM-YYYY'), 'PUB_ACCT', 5400, NULL, 112, 110 );
INSERT INTO employees VALUES
  ( 175, 'Seraina', 'Huber', 'SHUBER', '+1 604 555 1398', TO_DATE('08-04-2013', 'DD-MM-YYYY'), 'PUB_ACCT', 7500, NULL, 112, 110 );
INSERT INTO employees VALUES
  ( 176, 'Inês', 'Mwangi', 'IMWANGI', '+1 604 555 6662', TO_DATE('12-06-2019', 'DD-MM-YYYY'), 'PUB_ACCT', 6800, NULL, 112, 110 );
INSERT INTO employees VALUES
  ( 177, 'Ngozi', 'van der Berg', 'NVANDERBERG', '+91 80 5555 4148', TO_DATE('24-03-2021', 'DD-MM-YYYY'), 'RESEARCHER', 10200, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 178, 'Siân', 'Chatterjee', 'SCHATTERJEE', '+33 4 555 0957', TO_DATE('06-11-2018', 'DD-MM-YYYY'), 'RESEARCHER', 6600, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 179, 'Kwame', 'Okonkwo', 'KOKONKWO', '+1 206 555 6392', TO_DATE('28-12-2009', 'DD-MM-YYYY'), 'RESEARCHER', 12400, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 180, 'Emre', 'Шевченко', 'ESHEVCHENKO', '+91 80 5555 1478', TO_DATE('03-10-2011', 'DD-MM-YYYY'), 'RESEARCHER', 7100, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 181, 'José', 'Costa', 'JCOSTA', NULL, TO_DATE('01-02-2021', 'DD-MM-YYYY'), 'RESEARCHER', 8800, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 182, 'Zbigniew', 'Almeida', 'ZALMEIDA', '+43 1 555 4773', TO_DATE('05-12-2018', 'DD-MM-YYYY'), 'RESEARCHER', 9500, NULL, 113, 120 );
INSERT INTO employees VALUES
  ( 183, 'Kwame', 'Novak', 'KNOVAK', '+33 4 555 2059', TO_DATE('05-03-2017', 'DD-MM-YYYY'), 'SUPPORT', 3800, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 184, 'Seraina', 'Çelik', 'SCELIK', '+33 4 555 1264', TO_DATE('09-12-2021', 'DD-MM-YYYY'), 'SUPPORT', 6200, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 185, 'Zbigniew', 'Lee', 'ZLEE', '+1 604 555 2521', TO_DATE('24-11-2010', 'DD-MM-YYYY'), 'SUPPORT', 6900, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 186, 'Ewa', 'Keane', 'EKEANE', '+1 604 555 6111', TO_DATE('02-12-2016', 'DD-MM-YYYY'), 'SUPPORT', 5200, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 187, 'Noah', 'Wallace', 'NWALLACE', '+353 1 555 9371', TO_DATE('08-05-2014', 'DD-MM-YYYY'), 'SUPPORT', 4900, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 188, 'Siân', 'Yılmaz', 'SYILMAZ', '+91 80 5555 6081', TO_DATE('29-04-2015', 'DD-MM-YYYY'), 'SUPPORT', 6800, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 189, 'Mere', 'Girard', 'MGIRARD', '+33 4 555 3995', TO_DATE('04-01-2013', 'DD-MM-YYYY'), 'SUPPORT', 6600, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 190, 'Sigríður', 'Schäfer', 'SSCHAFER2', '+43 1 555 9826', TO_DATE('23-08-2012', 'DD-MM-YYYY'), 'SUPPORT', 6200, NULL, 114, 130 );
INSERT INTO employees VALUES
  ( 191, 'Guðrún', 'Hughes', 'GHUGHES', '+1 206 555 7268', TO_DATE('01-02-2022', 'DD-MM-YYYY'), 'WELDER', 3900.50, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 192, 'Bruce', '김', 'BKIM', '+1 206 555 2267', TO_DATE('27-03-2012', 'DD-MM-YYYY'), 'WELDER', 3500, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 193, 'Sigríður', 'Smith-Jones', 'SSMITHJONES', NULL, TO_DATE('20-12-2019', 'DD-MM-YYYY'), 'WELDER', 3700, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 194, 'Kylie', 'Lefèvre', 'KLEFEVRE', '+34 91 555 5699', TO_DATE('03-07-2009', 'DD-MM-YYYY'), 'WELDER', 2600.99, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 195, 'Aoife', 'Ní Bhriain', 'ANIBHRIAIN2', '+34 91 555 8571', TO_DATE('15-06-2019', 'DD-MM-YYYY'), 'WELDER', 2800.50, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 196, 'Arjun', 'Mensah', 'AMENSAH', '+64 4 555 4656', TO_DATE('22-11-2017', 'DD-MM-YYYY'), 'WELDER', 5400, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 197, 'Eoin', 'Moreau', 'EMOREAU', '+353 1 555 6765', TO_DATE('16-11-2011', 'DD-MM-YYYY'), 'WELDER', 4000, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 198, 'Ava', 'Parata', 'APARATA', '+91 80 5555 4173', TO_DATE('21-01-2010', 'DD-MM-YYYY'), 'WELDER', 4000.99, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 199, 'Jan', 'Núñez', 'JNUNEZ', '+1 604 555 7595', TO_DATE('26-06-2021', 'DD-MM-YYYY'), 'WELDER', 3900, NULL, 115, 140 );
INSERT INTO employees VALUES
  ( 200, 'Luíza', '山田', 'LYAMADA', '+64 4 555 6161', TO_DATE('06-10-2022', 'DD-MM-YYYY'), 'LAWYER', 11900, NULL, 116, 150 );
INSERT INTO employees VALUES
  ( 201, 'Björk', 'Rojas', 'BROJAS2', '+91 80 5555 2408', TO_DATE('13-06-2019', 'DD-MM-YYYY'), 'LAWYER', 13500, NULL, 116, 150 );
INSERT INTO employees VALUES
  ( 202, 'Mere', 'Ramanathan', 'MRAMANATHAN', '+81 6 5555 4779', TO_DATE('10-01-2011', 'DD-MM-YYYY'), 'TRAINER', 6400, NULL, 106, 160 );
INSERT INTO employees VALUES
  ( 203, 'Thiago', 'Iyer', 'TIYER', NULL, TO_DATE('10-04-2011', 'DD-MM-YYYY'), 'TRAINER', 8000, NULL, 106, 160 );
INSERT INTO employees VALUES
  ( 204, 'Agnieszka', 'Fraser', 'AFRASER', '+48 12 555 1110', TO_DATE('14-11-2022', 'DD-MM-YYYY'), 'SALES_REP', 10300, .35, 117, 80 );
INSERT INTO employees VALUES
  ( 205, 'Marta', 'Fischer', 'MFISCHER', '+43 1 555 2384', TO_DATE('24-09-2018', 'DD-MM-YYYY'), 'SALES_REP', 6400, .25, 110, 80 );
INSERT INTO employees VALUES
  ( 206, 'Liam', 'Ferreira da Silva', 'LFERREIRADASILVA', '+43 1 555 6006', TO_DATE('29-09-2011', 'DD-MM-YYYY'), 'SALES_REP', 11300, .2, 117, 80 );
INSERT INTO employees VALUES
  ( 207, 'Pilar', 'Popescu', 'PPOPESCU', '+1 206 555 6374', TO_DATE('28-06-2010', 'DD-MM-YYYY'), 'SALES_REP', 6400, .1, 110, 80 );
INSERT INTO employees VALUES
  ( 208, 'Marta', 'Vega', 'MVEGA', '+43 1 555 0191', TO_DATE('07-04-2014', 'DD-MM-YYYY'), 'SALES_REP', 10900, .2, 117, 80 );
INSERT INTO employees VALUES
  ( 209, 'Sheila', 'Dupont', 'SDUPONT', '+81 6 5555 0435', TO_DATE('09-08-2023', 'DD-MM-YYYY'), 'SALES_REP', 11800, .3, 110, 80 );
INSERT INTO employees VALUES
  ( 210, 'Luíza', 'St. John', 'LSTJOHN', '+33 4 555 9583', TO_DATE('12-11-2009', 'DD-MM-YYYY'), 'SALES_REP', 11000, .15, 117, 80 );
INSERT INTO employees VALUES
  ( 211, 'Björk', 'D''Angelo', 'BDANGELO', '+64 4 555 2552', TO_DATE('13-08-2021', 'DD-MM-YYYY'), 'SALES_REP', 12200, .4, 110, 80 );
INSERT INTO employees VALUES
  ( 212, 'Ava', 'Roth', 'AROTH', '+43 1 555 5981', TO_DATE('02-01-2018', 'DD-MM-YYYY'), 'SALES_REP', 7000, .2, 117, 80 );
INSERT INTO employees VALUES
  ( 213, 'Björk', 'Sørensen', 'BSORENSEN2', '+48 12 555 3184', TO_DATE('15-10-2023', 'DD-MM-YYYY'), 'SALES_REP', 8600, .4, 110, 80 );
INSERT INTO employees VALUES
  ( 214, 'Wanjiru', 'Nowak', 'WNOWAK', '+33 4 555 5165', TO_DATE('29-10-2013', 'DD-MM-YYYY'), 'SALES_REP', 6700, .25, 117, 80 );
INSERT INTO employees VALUES
  ( 215, 'Björk', 'Παπαδόπουλος', 'BPAPADOPOULOS', '+1 206 555 0971', TO_DATE('28-01-2011', 'DD-MM-YYYY'), 'SALES_REP', 9100, .4, 110, 80 );
INSERT INTO employees VALUES
  ( 216, 'Noah', 'Ionescu', 'NIONESCU', '+49 40 555 5046', TO_DATE('23-04-2011', 'DD-MM-YYYY'), 'SALES_REP', 9700, .1, 117, 80 );
INSERT INTO employees VALUES
  ( 217, 'Łukasz', 'Müller', 'LMULLER', '+353 1 555 4212', TO_DATE('09-12-2017', 'DD-MM-YYYY'), 'SALES_REP', 8300, .25, 110, 80 );
INSERT INTO employees VALUES
  ( 218, 'Seraina', 'McAllister', 'SMCALLISTER', '+91 80 5555 0031', TO_DATE('30-08-2022', 'DD-MM-YYYY'), 'SALES_REP', 5800, .2, 117, 80 );
INSERT INTO employees VALUES
  ( 219, 'Seraina', 'Gonçalves', 'SGONCALVES', '+34 91 555 2263', TO_DATE('09-11-2016', 'DD-MM-YYYY'), 'SALES_REP', 5800, .15, 110, 80 );
INSERT INTO employees VALUES
  ( 220, 'Bruce', 'O''Malley', 'BOMALLEY', NULL, TO_DATE('23-12-2017', 'DD-MM-YYYY'), 'SALES_REP', 7500, .15, 117, NULL );
INSERT INTO employees VALUES
  ( 221, NULL, '鈴木', 'SUZUKI', '+1 206 555 9438', TO_DATE('11-10-2011', 'DD-MM-YYYY'), 'RESEARCHER', 11500, NULL, 113, 120 );

REM --- Job history

INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 125, TO_DATE('23-09-2006', 'DD-MM-YYYY'), TO_DATE('14-12-2009', 'DD-MM-YYYY'), 'PROGRAMMER', 70 );
INSERT INTO job_history
VALUES ( 129, TO_DATE('16-06-2020', 'DD-MM-YYYY'), TO_DATE('11-01-2022', 'DD-MM-YYYY'), 'HR_REP', 10 );
INSERT INTO job_history
VALUES ( 130, TO_DATE('29-12-2015', 'DD-MM-YYYY'), TO_DATE('01-02-2017', 'DD-MM-YYYY'), 'SALES_REP', 40 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 130, TO_DATE('02-02-2017', 'DD-MM-YYYY'), TO_DATE('14-11-2017', 'DD-MM-YYYY'), 'PROGRAMMER', 80 );
INSERT INTO job_history
VALUES ( 135, TO_DATE('09-10-2015', 'DD-MM-YYYY'), TO_DATE('12-11-2016', 'DD-MM-YYYY'), 'SALES_MGR', 140 );
INSERT INTO job_history
VALUES ( 135, TO_DATE('13-11-2016', 'DD-MM-YYYY'), TO_DATE('20-03-2019', 'DD-MM-YYYY'), 'FIN_ACCT', 110 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 149, TO_DATE('27-03-2006', 'DD-MM-YYYY'), TO_DATE('01-05-2007', 'DD-MM-YYYY'), 'LAWYER', 30 );
INSERT INTO job_history
VALUES ( 149, TO_DATE('02-05-2007', 'DD-MM-YYYY'), TO_DATE('07-03-2010', 'DD-MM-YYYY'), 'DBA', 70 );
INSERT INTO job_history
VALUES ( 158, TO_DATE('26-07-2012', 'DD-MM-YYYY'), TO_DATE('30-08-2013', 'DD-MM-YYYY'), 'SALES_REP', 80 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 158, TO_DATE('31-08-2013', 'DD-MM-YYYY'), TO_DATE('21-04-2015', 'DD-MM-YYYY'), 'SHIP_CLRK', 80 );
INSERT INTO job_history
VALUES ( 175, TO_DATE('07-11-2009', 'DD-MM-YYYY'), TO_DATE('05-04-2013', 'DD-MM-YYYY'), 'PUB_ACCT', 50 );
INSERT INTO job_history
VALUES ( 180, TO_DATE('27-01-2010', 'DD-MM-YYYY'), TO_DATE('19-09-2011', 'DD-MM-YYYY'), 'MKT_REP', 40 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 194, TO_DATE('10-05-2006', 'DD-MM-YYYY'), TO_DATE('26-06-2009', 'DD-MM-YYYY'), 'PURCH_CLRK', 80 );
INSERT INTO job_history
VALUES ( 199, TO_DATE('28-12-2017', 'DD-MM-YYYY'), TO_DATE('01-02-2019', 'DD-MM-YYYY'), 'MKT_REP', NULL );
INSERT INTO job_history
VALUES ( 199, TO_DATE('02-02-2019', 'DD-MM-YYYY'), TO_DATE('10-06-2021', 'DD-MM-YYYY'), 'RESEARCHER', 50 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 200, TO_DATE('21-07-2019', 'DD-MM-YYYY'), TO_DATE('28-09-2022', 'DD-MM-YYYY'), 'STOCK_CLRK', 70 );
INSERT INTO job_history
VALUES ( 205, TO_DATE('01-05-2017', 'DD-MM-YYYY'), TO_DATE('07-09-2018', 'DD-MM-YYYY'), 'MKT_REP', 110 );
INSERT INTO job_history
VALUES ( 207, TO_DATE('31-01-2008', 'DD-MM-YYYY'), TO_DATE('26-06-2010', 'DD-MM-YYYY'), 'FIN_ACCT', 60 );
INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
VALUES ( 212, TO_DATE('07-08-2016', 'DD-MM-YYYY'), TO_DATE('30-12-2017', 'DD-MM-YYYY'), 'WELDER', 30 );

ALTER TABLE departments
  ENABLE CONSTRAINT dept_mgr_fk;

COMMIT;
