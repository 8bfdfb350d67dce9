// What the page says, in two languages. Texts from the run itself stay as they are.

const WORDS = {
  en: {
    other_language: '中文', help: 'Keyboard', theme_dark: 'Dark', theme_light: 'Light', play: '▶ Play', pause: '❚❚ Pause',
    speed: 'Speed', skip: 'Skip idle time', events: 'Events', tasks: 'Tasks', photos: 'photos too', drone: 'Drone', mode: 'Mode',
    altitude: 'Altitude', ground_speed: 'Speed', battery: 'Battery', altitude_chart: 'Altitude above home (m)',
    speed_chart: 'Ground speed (m/s)', battery_chart: 'Battery (%)', ceiling: 'ceiling', reserve: 'reserve', task: 'Task',
    length: 'Planned → flown', time: 'Time', seen: 'Seen', findings: 'Findings', base: 'Map', areas: 'Areas', zones: 'Zones', plan: 'Plan',
    flown: 'Flown', labels: 'Names', map_data: 'Map data', subtitle: (day, from, to, zone) => `${day}, ${from}–${to} local time (${zone})`,
    illustrative: 'illustrative', no_data: 'no data', not_begun: 'not begun', ended: 'ended', zoom_in: 'Zoom in', zoom_out: 'Zoom out', fit: 'Show all',
    previous: 'Previous event', next: 'Next event', back: 'One second back', forward: 'One second on', close: 'Close', map: 'Map of the run',
    slider: 'Time', no_events: 'No events were recorded.', no_tasks: 'No table of tasks was made.', keep_in: 'keep-in', remainder: 'cannot be seen',
    keys: [['Space', 'play or pause'], ['← →', 'one second back or on (with Shift: ten)'], [', .', 'previous or next event'],
      ['+ −', 'zoom'], ['0', 'show all'], ['[ ]', 'slower or faster'], ['1–9', 'show or hide a drone'], ['Home End', 'begin or end'],
      ['T', 'dark or light'], ['L', 'language'], ['?', 'this list']],
    kinds: { run_started: 'run started', upload: 'mission uploaded', armed: 'armed', airborne: 'airborne', task_started: 'task started',
      task_finished: 'task finished', photo: 'photo', video_started: 'video on', video_stopped: 'video off', returning: 'returning',
      landed: 'landed', disarmed: 'disarmed', status_text: 'message', warning: 'warning', battery_low: 'battery low',
      sortie_finished: 'sortie finished', sortie_failed: 'sortie failed', interrupted: 'interrupted', run_finished: 'run finished' },
  },
  zh: {
    other_language: 'English', help: '键盘操作', theme_dark: '深色', theme_light: '浅色', play: '▶ 播放', pause: '❚❚ 暂停',
    speed: '速度', skip: '跳过空闲时段', events: '事件', tasks: '任务', photos: '含拍照', drone: '无人机', mode: '模式',
    altitude: '高度', ground_speed: '速度', battery: '电量', altitude_chart: '相对起飞点高度（m）',
    speed_chart: '地速（m/s）', battery_chart: '电量（%）', ceiling: '限高', reserve: '预留电量', task: '任务',
    length: '计划 → 实飞', time: '用时', seen: '已看到', findings: '检查结果', base: '地图', areas: '任务区域', zones: '空域', plan: '计划航线',
    flown: '实飞航迹', labels: '名称', map_data: '地图数据', subtitle: (day, from, to, zone) => `${day}，当地时间 ${from}–${to}（${zone}）`,
    illustrative: '示意', no_data: '无数据', not_begun: '未开始', ended: '已结束', zoom_in: '放大', zoom_out: '缩小', fit: '显示全部',
    previous: '上一事件', next: '下一事件', back: '后退一秒', forward: '前进一秒', close: '关闭', map: '飞行地图',
    slider: '时间', no_events: '没有记录事件。', no_tasks: '没有任务表。', keep_in: '限飞区内', remainder: '无法看到',
    keys: [['空格', '播放或暂停'], ['← →', '后退或前进一秒（加 Shift 为十秒）'], [', .', '上一或下一事件'],
      ['+ −', '缩放'], ['0', '显示全部'], ['[ ]', '减速或加速'], ['1–9', '显示或隐藏无人机'], ['Home End', '开头或结尾'],
      ['T', '深色或浅色'], ['L', '语言'], ['?', '本列表']],
    kinds: { run_started: '运行开始', upload: '任务已上传', armed: '已解锁', airborne: '已升空', task_started: '任务开始',
      task_finished: '任务完成', photo: '拍照', video_started: '开始录像', video_stopped: '停止录像', returning: '返航',
      landed: '已降落', disarmed: '已上锁', status_text: '消息', warning: '警告', battery_low: '电量低',
      sortie_finished: '架次完成', sortie_failed: '架次失败', interrupted: '已中断', run_finished: '运行结束' },
  },
};

const SERIOUS = new Set(['warning', 'battery_low', 'sortie_failed', 'interrupted']);
