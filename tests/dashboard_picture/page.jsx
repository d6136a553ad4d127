// Draws a dashboard in Grafana's classic JSON, with Grafana's components, from what Prometheus answered. What lies in
// Grafana's core and not in its packages is here: asking, placing panels, and what a kind of panel does with its data.
import {createTheme, dateTime, ThemeContext} from '@grafana/data';
import {initPluginTranslations} from '@grafana/i18n';
import {GlobalStyles, Icon, PanelChrome} from '@grafana/ui';
import {createRoot} from 'react-dom/client';

import {framesOf, withFieldConfig} from './data';
import {StatPanel, TablePanel, TimeSeriesPanel} from './panels';

const WIDTH = 1440, COLUMNS = 24, CELL_HEIGHT = 30, GAP = 8, TOP = 64;
const KINDS = {stat: StatPanel, table: TablePanel, timeseries: TimeSeriesPanel};
const theme = createTheme({colors: {mode: 'dark'}, typography: {fontFamily: '"Installed Inter", sans-serif'}});

function place({x, y, w, h}) {
  const column = (WIDTH - GAP) / COLUMNS;
  return {left: GAP + x * column, top: TOP + y * (CELL_HEIGHT + GAP), width: w * column - GAP,
    height: h * (CELL_HEIGHT + GAP) - GAP};
}

function Row({title, collapsed}) {
  return (
    <div style={{display: 'flex', alignItems: 'center', gap: 6, height: CELL_HEIGHT, fontSize: 17, fontWeight: 500}}>
      <Icon name={collapsed ? 'angle-right' : 'angle-down'} /> {title}
    </div>);
}

function Panel({panel, answers, timeRange}) {
  const Kind = KINDS[panel.type];
  const {width, height} = place(panel.gridPos);
  return (
    <PanelChrome title={panel.title} description={panel.description} width={width} height={height}>
      {(innerWidth, innerHeight) => (
        <div data-content="">
          <Kind panel={panel} frames={framesOf(panel, answers)} timeRange={timeRange} theme={theme} width={innerWidth}
            height={innerHeight} configured={frames => withFieldConfig(frames, panel.fieldConfig, theme)} />
        </div>)}
    </PanelChrome>);
}

function Chosen({dashboard}) {
  const box = {border: `1px solid ${theme.colors.border.medium}`, background: theme.colors.background.primary,
    borderRadius: 3, padding: '4px 10px', color: theme.colors.text.secondary};
  return (
    <div style={{display: 'flex', gap: 10, alignItems: 'center', padding: `14px ${GAP}px`, height: TOP}}>
      <span style={{fontSize: 20, fontWeight: 500, marginRight: 20}}>{dashboard.title}</span>
      {dashboard.templating.list.map(each => (
        <span key={each.name} style={box}>
          {each.label} <b>{each.type === 'datasource' ? 'Prometheus' : 'All'}</b>
        </span>))}
    </div>);
}

function Dashboard({dashboard, record}) {
  const from = dateTime(record.from * 1000), to = dateTime(record.to * 1000);
  const timeRange = {from, to, raw: {from, to}};
  const last = dashboard.panels.at(-1).gridPos;
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <div style={{position: 'relative', width: WIDTH, height: TOP + (last.y + last.h) * (CELL_HEIGHT + GAP)}}>
        <Chosen dashboard={dashboard} />
        {dashboard.panels.map(panel => (
          <div key={panel.id} data-panel={panel.id} style={{position: 'absolute', ...place(panel.gridPos)}}>
            {panel.type === 'row'
              ? <Row {...panel} />
              : <Panel panel={panel} answers={record.answers[panel.id]} timeRange={timeRange} />}
          </div>))}
      </div>
    </ThemeContext.Provider>);
}

await initPluginTranslations('dashboard-picture');
const [dashboard, record] = await Promise.all(
  ['dashboard.json', 'record.json'].map(file => fetch(file).then(answer => answer.json())));
createRoot(document.getElementById('root')).render(<Dashboard dashboard={dashboard} record={record} />);
